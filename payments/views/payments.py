"""Every payment in a list, and one payment whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import policy
from core.models import AuditEvent, User
from core.policy import Permission, needs
from crm import practice
from crm.views.countless import page_of
from payments import desk
from payments.filters import PaymentFilter
from payments.forms import new_operation
from payments.models import (
    Capture,
    Dispute,
    IntentItem,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
    Refund,
    SurplusMove,
    Transfer,
)
from payments.views.rail_context import told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

MOST_LINES = 200


@needs(Permission.VIEW_PAYMENT)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Payments, the newest first; what is looked for stands in the address."""
    form = PaymentFilter(request.GET)
    own = PaymentIntent.objects.filter(customer__is_practice=practice.is_on(request))
    rows = form.apply(own.select_related("customer", "agent"))
    page = page_of(rows.order_by("-pk"), request.GET.get("page", ""))
    context = {"form": form, "page": page, "is_filtered": form.is_used}
    return render(request, "payments/payment_list.html", context)


@needs(Permission.VIEW_PAYMENT)
@require_safe
def review(request: AgentRequest) -> HttpResponse:
    """Payments that a person should look at, with the reasons."""
    rows = PaymentIntent.objects.filter(
        needs_review=True, customer__is_practice=practice.is_on(request)
    ).select_related("customer")
    page = page_of(rows.order_by("-created_at", "-pk"), request.GET.get("page", ""))
    return render(request, "payments/review.html", {"page": page})


@needs(Permission.VIEW_PAYMENT)
@require_safe
def detail(request: AgentRequest, public_id: str) -> HttpResponse:
    """One payment: its figures, all that was said of it, its ledger lines, who did what."""
    intent = desk.with_figures(public_id)
    if intent is None:
        raise Http404
    return render(request, "payments/payment_detail.html", _whole(request.user, intent))


def _whole(user: User, intent: PaymentIntent) -> dict[str, Any]:
    attempts = list(
        PaymentAttempt.objects.filter(intent=intent)
        .select_related("account", "session")
        .order_by("pk")
    )
    captures = list(Capture.objects.filter(attempt__intent=intent).order_by("pk"))
    refunds = _refunds(intent) if captures else []
    events = desk.events_of(intent)
    has_disputes = any(event.subject_kind == "dispute" for event in events)
    disputes = list(Dispute.objects.filter(capture__attempt__intent=intent)) if has_disputes else []
    operations = ProviderOperation.objects.filter(intent=intent).select_related("account")
    subjects = [one.public_id for one in captures]
    subjects += [one.public_id for one in refunds] + [one.public_id for one in disputes]
    return {
        "intent": intent,
        "items": list(IntentItem.objects.filter(intent=intent).select_related("invoice")),
        "attempts": attempts,
        "captures": captures,
        "refunds": refunds,
        "disputes": disputes,
        "moves": _moves(events),
        "operations": list(operations.order_by("pk")[:MOST_LINES]),
        "events": events,
        "told": told(intent, events),
        "operation": new_operation(),
        "transfers": _transfers(subjects) if subjects else [],
        "deeds": _deeds(user, [intent.public_id, *subjects, *_links(attempts, events)]),
    }


def _refunds(intent: PaymentIntent) -> list[Refund]:
    rows = Refund.objects.filter(capture__attempt__intent=intent).select_related(
        "requested_by", "decided_by"
    )
    return list(rows.order_by("pk"))


def _moves(events: Iterable[Any]) -> list[SurplusMove]:
    """What of the payment's surplus was moved, where anything was."""
    ids = {event.subject_id for event in events if event.subject_kind == "move"}
    rows = SurplusMove.objects.filter(public_id__in=ids).select_related("invoice", "requested_by")
    return list(rows.order_by("pk")) if ids else []


def _transfers(subjects: list[str]) -> list[Transfer]:
    rows = Transfer.objects.filter(subject__in=subjects).select_related("debit", "credit")
    return list(rows.order_by("pk")[:MOST_LINES])


def _links(attempts: Iterable[PaymentAttempt], events: Iterable[Any]) -> list[str]:
    links = {event.subject_id for event in events if event.subject_kind == "session"}
    return [*links, *(attempt.public_id for attempt in attempts)]


def _deeds(user: User, objects: list[str]) -> list[AuditEvent]:
    """Who did what to it, for those who may see that."""
    if not policy.allows(user, Permission.VIEW_AUDIT):
        return []
    names = User.objects.filter(public_id=OuterRef("actor_id")).values(
        name=Concat("first_name", Value(" "), "last_name")
    )
    rows = AuditEvent.objects.filter(object_id__in=objects).annotate(name=Subquery(names))
    return list(rows.order_by("pk")[:MOST_LINES])
