"""The refund panel: how much, why, and what the agent may give back by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core import policy
from core.money import Money
from core.policy import Permission, needs
from core.writing import write_money
from payments import desk
from payments.forms import RefundForm, new_operation
from payments.services import refunds
from payments.views.once import FormAlreadyUsed, once
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from payments.desk import Refundable
    from payments.models import PaymentIntent


@needs(Permission.REFUND)
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask how much and why, and reserve the refund. Nothing is sent before the commit."""
    intent = get_intent_or_404(public_id)
    found = desk.refundable(intent)
    if request.method != "POST":
        return _ask(request, intent, found, None)
    form = RefundForm(request.POST, refundable=found)
    if form.is_valid():
        with form.refusals():
            _carry_out(request, form)
    return _ask(request, intent, found, form) if form.errors else answer(request, intent, form)


def _carry_out(request: AgentRequest, form: RefundForm) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="re") as made:
        if made.is_replay:
            return
        refunds.request_refund(
            capture_id=form.refundable[data["capture"]].capture.pk,
            amount=data["money"],
            reason=data["reason"],
            requested_by=request.user,
            wants_credit_note=data["wants_credit_note"],
            public_id=made.public_id,
        )


def _ask(
    request: AgentRequest,
    intent: PaymentIntent,
    found: Sequence[Refundable],
    form: RefundForm | None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "intent": intent,
        "customer": intent.customer,
        "operation": _operation(form),
        "form": form or RefundForm(refundable=found),
        "shown": _shown(form, found),
        "left": found[0].left if found and found[0].left else None,
        "is_allocated": any(one.capture.allocated for one in found),
    }
    if context["left"]:
        context |= _limits(request, found[0].left)
    status = form.status if form is not None else 200
    template = "payments/refund.html" if request.htmx else "payments/act_page.html"
    return render(request, template, {**context, "act": "payments/refund.html"}, status=status)


def _shown(form: RefundForm | None, found: Sequence[Refundable]) -> dict[str, str]:
    """What the fields show: all that is left, or what was typed."""
    if form is not None:
        return {name: form.kept(name) for name in ("capture", "amount", "reason")}
    if not found:
        return {}
    amount = write_money(found[0].left)
    return {"capture": found[0].capture.public_id, "amount": amount, "reason": ""}


def _limits(request: AgentRequest, left: Money) -> dict[str, Money]:
    """What the role may refund at once, and what is left of the person's day."""
    limits = policy.refund_limit(request.user, left.currency)
    today = refunds.left_today(request.user, left.currency)
    return {"per_refund": limits.at_once, "left_today": today}


def _operation(form: RefundForm | None) -> str:
    if form is None or "operation" in form.errors or isinstance(form.refusal, FormAlreadyUsed):
        return new_operation()
    return str(form.data.get("operation", "")) or new_operation()
