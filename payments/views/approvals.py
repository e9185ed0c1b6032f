"""What waits for a second person, and the one key that lets it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import policy
from core.policy import Permission, needs
from core.writing import write_money
from crm import practice
from payments.forms import ActForm, RefusalForm, new_operation
from payments.models import OutcomeDecision, Refund, SurplusMove
from payments.services import approval_news, approvals
from payments.views.once import once
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from core.models import User
    from core.money import Money
    from crm.views.requests import AgentRequest
    from payments.models import PaymentIntent

MOST_SHOWN = 100


class Asked(NamedTuple):
    """One thing that waits, and the template that tells of it."""

    template: str
    asked: Refund | SurplusMove | OutcomeDecision
    intent: PaymentIntent
    money: Money


@needs(Permission.APPROVE_REFUND)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """What waits for a second person, the oldest first."""
    template = "approvals.html#waiting" if request.htmx else "approvals.html"
    return render(request, f"payments/{template}", _waiting(request))


@needs(Permission.APPROVE_REFUND)
@require_POST
def approve(request: AgentRequest, public_id: str) -> HttpResponse:
    """Let a refund of somebody else be sent."""
    refund = _get_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                approvals.approve_refund(refund_id=refund.pk, approver=request.user)
    return _answer(request, refund, form, _("Approved: %(amount)s goes back to %(name)s."))


@needs(Permission.APPROVE_REFUND)
@require_POST
def refuse(request: AgentRequest, public_id: str) -> HttpResponse:
    """Refuse a refund of somebody else, and say why."""
    refund = _get_or_404(public_id)
    form = RefusalForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                reason = form.cleaned_data["reason"]
                approvals.refuse_refund(refund_id=refund.pk, approver=request.user, reason=reason)
    return _answer(request, refund, form, _("Refused: %(amount)s is not given back to %(name)s."))


@needs(Permission.REFUND)
@require_POST
def withdraw(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take one's own request back, from the rail."""
    refund = _get_or_404(public_id)
    intent = get_intent_or_404(refund.capture.attempt.intent.public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                approvals.withdraw_refund(refund_id=refund.pk, actor=request.user)
    return answer(request, get_intent_or_404(intent.public_id), form)


def _answer(request: AgentRequest, refund: Refund, form: ActForm, words: str) -> HttpResponse:
    done = words % {
        "amount": write_money(refund.money),
        "name": refund.capture.attempt.intent.customer.name,
    }
    return show_queue(request, form, done=done, said_of=refund.public_id)


def show_queue(request: AgentRequest, form: ActForm, *, done: str, said_of: str) -> HttpResponse:
    """The list as it now stands, with what became of the act; without htmx its page."""
    if not request.htmx:
        tell = messages.error if form.errors else messages.success
        tell(request, " ".join(form.sentences) or done)
        return redirect("payments:approvals")
    said = {"refusal": " ".join(form.sentences)} if form.errors else {"done": done}
    context = {**_waiting(request), **said, "said_of": said_of}
    return render(request, "payments/approvals.html#waiting", context, status=form.status)


def _waiting(request: AgentRequest) -> dict[str, Any]:
    # Before the rows: what changes in between is then read once more, and not missed.
    version = approval_news.version()
    waiting = waiting_for(request.user, MOST_SHOWN, is_practice=practice.is_on(request))
    return {"version": version, "waiting": waiting, "operation": new_operation()}


def waiting_for(user: User, most: int, *, is_practice: bool) -> list[Asked]:
    """What waits for a person like this one, the oldest first, at most so many of each kind."""
    found = [*_refunds(most, is_practice=is_practice), *_moves(most, is_practice=is_practice)]
    if policy.allows(user, Permission.APPROVE_OUTCOME):
        found += _decisions(most, is_practice=is_practice)
    return sorted(found, key=lambda one: one.asked.created_at)


def _refunds(most: int, *, is_practice: bool) -> Iterator[Asked]:
    rows = (
        Refund.objects.awaiting()
        .filter(capture__attempt__account__is_practice=is_practice)
        .select_related("requested_by", "capture__attempt__intent__customer")
    )
    for refund in rows[:most]:
        intent = refund.capture.attempt.intent
        yield Asked("payments/approval_refund.html", refund, intent, refund.money)


def _moves(most: int, *, is_practice: bool) -> Iterator[Asked]:
    rows = (
        SurplusMove.objects.awaiting()
        .filter(intent__customer__is_practice=is_practice)
        .select_related("requested_by", "intent__customer", "invoice")
    )
    for move in rows[:most]:
        yield Asked("payments/approval_move.html", move, move.intent, move.money)


def _decisions(most: int, *, is_practice: bool) -> Iterator[Asked]:
    rows = (
        OutcomeDecision.objects.awaiting()
        .filter(operation__account__is_practice=is_practice)
        .select_related("requested_by", "operation__account", "operation__intent__customer")
    )
    for decision in rows[:most]:
        operation = decision.operation
        template = "payments/approval_decision.html"
        yield Asked(template, decision, operation.intent, operation.money)


def _get_or_404(public_id: str) -> Refund:
    rows = Refund.objects.select_related("capture__attempt__intent__customer")
    refund = rows.filter(public_id=public_id).first()
    if refund is None:
        raise Http404
    return refund
