"""Reading what happened in a run: the facts that scripts wait for and that scores are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone

from core.models import AuditEvent
from crm.call_facts import Fact
from crm.models import Call, CallEvent, Customer, Task, WrapUp
from orders.models import PromiseToPay
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    PaymentMethod,
    ProviderOperation,
    Refund,
    SurplusMove,
    WebhookEvent,
)
from training.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from training.models import LessonRun

MOST_ROWS = 100


def facts_of(run: LessonRun) -> Facts:
    """Read everything that a lesson may ask about. A good dozen of queries, each by an index."""
    call = (
        Call.objects.filter(external_id=run.call_reference, phone_system__is_practice=True)
        .select_related("customer")
        .first()
    )
    customer = (call.customer if call else None) or run.customer
    intents = _intents(customer)
    own = [one for one in intents if one.agent_id == run.user_id]
    kinds = {"intent__in": [one.pk for one in own]}
    return Facts(
        user_id=run.user_id,
        money=run.money,
        started_at=run.created_at,
        now=timezone.now(),
        customer=customer,
        call=call,
        call_facts=_call_facts(call),
        wrap_up=WrapUp.objects.filter(call=call).select_related("outcome").first()
        if call
        else None,
        prepared=[one for one in intents if one.agent_id != run.user_id],
        intents=own,
        links=list(CheckoutSession.objects.filter(**kinds).order_by("pk")[:MOST_ROWS]),
        attempts=list(PaymentAttempt.objects.filter(**kinds).order_by("pk")[:MOST_ROWS]),
        operations=list(ProviderOperation.objects.filter(**kinds).order_by("pk")[:MOST_ROWS]),
        refunds=_refunds(intents),
        moves=list(SurplusMove.objects.filter(intent__customer=customer).order_by("pk")),
        promises=list(PromiseToPay.objects.filter(customer=customer).order_by("pk")),
        methods=list(PaymentMethod.objects.filter(customer=customer, removed_at=None)),
        tasks=list(Task.objects.filter(customer=customer, made_by=run.user_id).order_by("pk")),
        deliveries=(deliveries := _deliveries(run)),
        replayed=_replayed(run, deliveries),
        paid_at=_paid_at(own),
    )


def _intents(customer: Customer | None) -> list[PaymentIntent]:
    if customer is None:
        return []
    return list(PaymentIntent.objects.filter(customer=customer).order_by("pk")[:MOST_ROWS])


def _call_facts(call: Call | None) -> list[Fact]:
    if call is None:
        return []
    said = CallEvent.objects.filter(call=call).values_list("kind", "at")
    return [Fact(kind, at) for kind, at in said]


def _refunds(intents: Sequence[PaymentIntent]) -> list[Refund]:
    rows = Refund.objects.filter(capture__attempt__intent__in=[one.pk for one in intents])
    rows = rows.select_related("capture__attempt")
    return list(rows.order_by("pk"))


def _deliveries(run: LessonRun) -> list[WebhookEvent]:
    own = WebhookEvent.objects.filter(account__is_practice=True, event_id=run.call_reference)
    return list(own.order_by("pk"))


def _replayed(run: LessonRun, deliveries: Sequence[WebhookEvent]) -> list[str]:
    """Which deliveries of the run who learns has had worked off again, each time once."""
    if not deliveries:
        return []
    deeds = AuditEvent.objects.filter(
        actor_id=run.user.public_id,
        action="webhook.replayed",
        object_id__in=[str(one.pk) for one in deliveries],
    )
    return list(deeds.order_by("pk").values_list("object_id", flat=True))


def _paid_at(intents: Sequence[PaymentIntent]) -> dict[int, datetime]:
    told = PaymentEvent.objects.filter(
        intent__in=[one.pk for one in intents], subject_kind="capture", status="succeeded"
    )
    groups = told.order_by().values("intent").annotate(at=Min("created_at"))
    return {group["intent"]: group["at"] for group in groups}
