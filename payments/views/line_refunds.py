"""Giving lines of an invoice back: choose the pieces, see the amount, then reserve the refund."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core.policy import Permission, needs
from orders.errors import CreditExceedsOpen
from payments.forms import LinesForm, new_operation
from payments.models import Capture
from payments.services import line_refunds
from payments.services.payment import allocations_of, lock_payment
from payments.views.once import FormAlreadyUsed, once
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from orders.models import InvoiceLine
    from payments.models import PaymentIntent
    from payments.services.line_refunds import Chosen


class _NotSeen(Exception):
    """Nobody has seen yet what the chosen pieces come to: nothing is kept of the form."""

    def __init__(self, chosen: Chosen) -> None:
        super().__init__(str(chosen.money))
        self.chosen = chosen


@needs(Permission.REFUND)
@require_http_methods(["GET", "HEAD", "POST"])
def refund_by_line(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask which pieces and why; once the amount was seen, reserve the refund."""
    intent = get_intent_or_404(public_id)
    capture = _capture_on_invoices(intent)
    paid = allocations_of([capture]).get(capture.public_id, {})
    lines = line_refunds.lines_of(paid)
    if request.method != "POST":
        return _ask(request, intent, lines, None, None)
    form = LinesForm(request.POST, lines=lines)
    chosen = None
    if form.is_valid():
        with form.refusals():
            chosen = _carry_out(request, intent, capture, form)
            if chosen is None:
                return answer(request, get_intent_or_404(public_id), form)
    return _ask(request, intent, lines, form, chosen)


def _capture_on_invoices(intent: PaymentIntent) -> Capture:
    """The capture that pays most on invoices. Raises Http404 where none does."""
    rows = Capture.objects.filter(attempt__intent=intent, allocated__gt=0)
    capture = rows.order_by("-allocated", "pk").first()
    if capture is None:
        raise Http404
    return capture


@transaction.atomic
def _chosen(intent: PaymentIntent, capture: Capture, form: LinesForm) -> Chosen:
    """What the pieces come to, read under the lock. Raises as `refund_lines` does."""
    payment = lock_payment(intent.pk)
    return line_refunds.choose(
        payment, payment.capture_by_id(capture.pk), form.cleaned_data["pieces"]
    )


def _carry_out(
    request: AgentRequest, intent: PaymentIntent, capture: Capture, form: LinesForm
) -> Chosen | None:
    """Reserve the refund; where another amount was seen than it is, or none, answer what it is."""
    try:
        _reserve(request, intent, capture, form)
    except _NotSeen as error:
        return error.chosen
    return None


def _reserve(
    request: AgentRequest, intent: PaymentIntent, capture: Capture, form: LinesForm
) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="re") as made:
        if not made.is_replay:
            chosen = _chosen(intent, capture, form)
            if data["seen"] != str(chosen.money.minor):
                raise _NotSeen(chosen)
            line_refunds.refund_lines(
                capture_id=capture.pk,
                lines=data["pieces"],
                reason=data["reason"],
                requested_by=request.user,
                public_id=made.public_id,
            )


def _ask(
    request: AgentRequest,
    intent: PaymentIntent,
    lines: Sequence[InvoiceLine],
    form: LinesForm | None,
    chosen: Chosen | None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "intent": intent,
        "customer": intent.customer,
        "lines": [(line, form.kept(f"line-{line.pk}") if form else "0") for line in lines],
        "form": form,
        "reason": form.kept("reason") if form else "",
        "total": chosen.money if chosen else None,
        "tax": _tax(chosen) if chosen else None,
        "operation": _operation(form),
        "act": "payments/line_refund.html",
    }
    template = "payments/line_refund.html" if request.htmx else "payments/act_page.html"
    return render(request, template, context, status=form.status if form else 200)


def _tax(chosen: Chosen) -> Any:
    try:
        return chosen.tax
    except CreditExceedsOpen:
        return None


def _operation(form: LinesForm | None) -> str:
    if form is None or "operation" in form.errors or isinstance(form.refusal, FormAlreadyUsed):
        return new_operation()
    return str(form.data.get("operation", "")) or new_operation()
