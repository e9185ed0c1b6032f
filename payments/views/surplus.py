"""The panel that puts free money on another invoice, the second person's key, and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import policy
from core.money import Money
from core.policy import Permission, needs
from core.writing import write_money
from orders.models import Invoice
from payments.forms import ActForm, MoveForm, RefusalForm, new_operation
from payments.models import SurplusMove
from payments.services import move_limits
from payments.services import surplus as moving
from payments.views.approvals import show_queue
from payments.views.once import FormAlreadyUsed, once
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from payments.models import PaymentIntent

MOST_INVOICES = 9


@needs(Permission.MOVE_SURPLUS)
@require_http_methods(["GET", "HEAD", "POST"])
def surplus(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask which invoice and how much, and put the money there."""
    intent = get_intent_or_404(public_id)
    rows = Invoice.objects.open_items(intent.customer_id).filter(currency=intent.currency)
    invoices = list(rows[:MOST_INVOICES])
    if request.method != "POST":
        return _ask(request, intent, invoices, None)
    form = MoveForm(request.POST, invoices=invoices, currency=intent.currency)
    if form.is_valid():
        with form.refusals():
            _carry_out(request, intent, form)
    if form.errors:
        return _ask(request, intent, invoices, form)
    return answer(request, get_intent_or_404(public_id), form)


def _carry_out(request: AgentRequest, intent: PaymentIntent, form: MoveForm) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="mov") as made:
        if not made.is_replay:
            moving.move_surplus(
                intent_id=intent.pk,
                invoice_id=form.invoices[data["invoice"]].pk,
                amount=data["amount"],
                requested_by=request.user,
                public_id=made.public_id,
            )


def _ask(
    request: AgentRequest, intent: PaymentIntent, invoices: list[Invoice], form: MoveForm | None
) -> HttpResponse:
    limits = policy.move_limit(request.user, intent.currency)
    context: dict[str, Any] = {
        "intent": intent,
        "customer": intent.customer,
        "operation": _operation(form),
        "form": form,
        "invoices": invoices,
        "shown": _shown(intent, invoices, form),
        "free": intent.surplus_money,
        "at_once": limits.at_once,
        "left_today": move_limits.left_today(request.user, intent.currency),
        "act": "payments/surplus.html",
    }
    template = "payments/surplus.html" if request.htmx else "payments/act_page.html"
    return render(request, template, context, status=form.status if form else 200)


def _shown(intent: PaymentIntent, invoices: list[Invoice], form: MoveForm | None) -> dict[str, str]:
    """What the fields show: as much as fits on the oldest invoice, or what was typed."""
    if form is not None:
        return {name: form.kept(name) for name in ("invoice", "amount")}
    if not invoices:
        return {}
    fits = Money(min(intent.surplus, invoices[0].open_amount), intent.currency)
    return {"invoice": invoices[0].public_id, "amount": write_money(fits)}


def _operation(form: MoveForm | None) -> str:
    if form is None or "operation" in form.errors or isinstance(form.refusal, FormAlreadyUsed):
        return new_operation()
    return str(form.data.get("operation", "")) or new_operation()


@needs(Permission.APPROVE_REFUND)
@require_POST
def approve(request: AgentRequest, public_id: str) -> HttpResponse:
    """Let a move of somebody else be made."""
    move, form = _get_or_404(public_id), ActForm(request.POST)
    _act(request, form, lambda: moving.approve_move(move_id=move.pk, approver=request.user))
    return _queue(request, move, form, _("Approved: %(amount)s goes to invoice %(number)s."))


@needs(Permission.APPROVE_REFUND)
@require_POST
def refuse(request: AgentRequest, public_id: str) -> HttpResponse:
    """Refuse a move of somebody else, and say why."""
    move, form = _get_or_404(public_id), RefusalForm(request.POST)
    _act(
        request,
        form,
        lambda: moving.refuse_move(
            move_id=move.pk, approver=request.user, reason=form.cleaned_data["reason"]
        ),
    )
    words = _("Refused: %(amount)s does not go to invoice %(number)s.")
    return _queue(request, move, form, words)


@needs(Permission.MOVE_SURPLUS)
@require_POST
def withdraw(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take one's own request back before it is decided."""
    move, form = _get_or_404(public_id), ActForm(request.POST)
    _act(request, form, lambda: moving.withdraw_move(move_id=move.pk, actor=request.user))
    return answer(request, get_intent_or_404(move.intent.public_id), form)


@needs(Permission.MOVE_SURPLUS)
@require_POST
def take_back(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take moved money off its invoice again."""
    move, form = _get_or_404(public_id), ActForm(request.POST)
    _act(request, form, lambda: moving.take_back_move(move_id=move.pk, actor=request.user))
    return answer(request, get_intent_or_404(move.intent.public_id), form)


def _act(request: AgentRequest, form: ActForm, act: Callable[[], object]) -> None:
    """Do it once, however often the form is sent; a refusal stands in the form."""
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="mo") as made:
            if not made.is_replay:
                act()


def _queue(request: AgentRequest, move: SurplusMove, form: ActForm, words: str) -> HttpResponse:
    amount = write_money(move.money)
    done = words % {"amount": amount, "number": move.invoice.number}
    return show_queue(request, form, done=done, said_of=move.public_id)


def _get_or_404(public_id: str) -> SurplusMove:
    rows = SurplusMove.objects.select_related("intent__customer", "invoice")
    move = rows.filter(public_id=public_id).first()
    if move is None:
        raise Http404
    return move
