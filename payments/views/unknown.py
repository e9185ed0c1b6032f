"""Operations without an answer: what was tried, what to look for, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.policy import Permission, needs
from crm import practice
from payments.forms import DecisionForm, new_operation
from payments.models import OutcomeDecision, ProviderOperation
from payments.services import decisions
from payments.views.once import FormAlreadyUsed, once

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

MOST_SHOWN = 50


@needs(Permission.DECIDE_OUTCOME)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Every operation whose outcome is unknown, the one that waits longest first."""
    own = _unknown().filter(account__is_practice=practice.is_on(request))
    found = list(own.order_by("first_sent_at", "pk")[:MOST_SHOWN])
    rows = [_row(operation) for operation in found]
    context = {"rows": rows, "operation": new_operation()}
    return render(request, "payments/unknown.html", context)


@needs(Permission.DECIDE_OUTCOME)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: AgentRequest, public_id: str) -> HttpResponse:
    """Say what became of one operation. Nothing is true before somebody else approves it."""
    operation = _unknown().filter(public_id=public_id).first()
    if operation is None:
        return _known(request, public_id)
    if request.method != "POST":
        return _ask(request, operation, None)
    form = DecisionForm(request.POST)
    if form.is_valid():
        with form.refusals():
            _carry_out(request, form, operation)
    if form.errors:
        return _ask(request, operation, form)
    messages.success(request, _("Noted. It counts once a second person approves it."))
    return redirect("payments:unknown")


def _carry_out(request: AgentRequest, form: DecisionForm, operation: ProviderOperation) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="dec") as made:
        if not made.is_replay:
            decisions.request_decision(
                operation_id=operation.pk,
                outcome=OutcomeDecision.Outcome(data["outcome"]),
                reason=data["reason"],
                seen=data["seen"],
                requested_by=request.user,
                public_id=made.public_id,
            )


def _ask(
    request: AgentRequest, operation: ProviderOperation, form: DecisionForm | None
) -> HttpResponse:
    is_used = form is not None and isinstance(form.refusal, FormAlreadyUsed)
    kept = form.kept("operation") if form is not None and "operation" not in form.errors else ""
    shown = {name: form.kept(name) for name in ("outcome", "reason", "seen")} if form else {}
    context = {
        **_row(operation),
        "form": form,
        "shown": shown,
        "outcomes": OutcomeDecision.Outcome.choices,
        "operation_id": new_operation() if is_used or not kept else kept,
    }
    return render(request, "payments/decide.html", context, status=form.status if form else 200)


def _row(operation: ProviderOperation) -> dict[str, Any]:
    until = decisions.may_be_decided_at(operation)
    waiting = [one for one in operation.decisions.all() if one.status == "awaiting"]
    return {
        "unknown": operation,
        "waiting": next(iter(waiting), None),
        "not_before": until if until > timezone.now() else None,
    }


def _unknown() -> QuerySet[ProviderOperation]:
    waiting = OutcomeDecision.objects.awaiting().select_related("requested_by")
    rows = ProviderOperation.objects.filter(status=ProviderOperation.Status.UNKNOWN)
    return rows.select_related(
        *("account", "intent__customer", "attempt", "refund", "capture", "cancellation")
    ).prefetch_related(Prefetch("decisions", queryset=waiting))


def _known(request: AgentRequest, public_id: str) -> HttpResponse:
    """The page of an operation that has its answer: the list, and why it is not on it."""
    if not ProviderOperation.objects.filter(public_id=public_id).exists():
        raise Http404
    messages.info(request, _("The provider has answered meanwhile."))
    return redirect("payments:unknown")
