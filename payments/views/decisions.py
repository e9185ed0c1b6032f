"""The second person's one key about an outcome that somebody found, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.policy import Permission, needs
from core.writing import write_money
from payments.forms import ActForm, RefusalForm
from payments.models import OutcomeDecision
from payments.services import decisions
from payments.views.approvals import show_queue
from payments.views.once import once

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.APPROVE_OUTCOME)
@require_POST
def approve(request: AgentRequest, public_id: str) -> HttpResponse:
    """Make a fact of what somebody else found."""
    decision = _get_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                decisions.approve_decision(decision_id=decision.pk, approver=request.user)
    done = (
        _("Approved: %(amount)s of %(name)s was carried out.")
        if decision.outcome == OutcomeDecision.Outcome.CARRIED_OUT
        else _("Approved: %(amount)s of %(name)s was not carried out.")
    )
    return _answer(request, decision, form, done)


@needs(Permission.APPROVE_OUTCOME)
@require_POST
def refuse(request: AgentRequest, public_id: str) -> HttpResponse:
    """Leave it unknown, and say why."""
    decision = _get_or_404(public_id)
    form = RefusalForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                reason = form.cleaned_data["reason"]
                decisions.refuse_decision(
                    decision_id=decision.pk, approver=request.user, reason=reason
                )
    words = _("Refused: what became of %(amount)s of %(name)s stays unknown.")
    return _answer(request, decision, form, words)


@needs(Permission.DECIDE_OUTCOME)
@require_POST
def withdraw(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take back what one found oneself."""
    decision = _get_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="ap") as made:
            if not made.is_replay:
                decisions.withdraw_decision(decision_id=decision.pk, actor=request.user)
    if form.errors:
        messages.error(request, " ".join(form.sentences))
    else:
        messages.success(request, _("Taken back. It stays unknown."))
    return redirect("payments:unknown")


def _answer(
    request: AgentRequest, decision: OutcomeDecision, form: ActForm, words: str
) -> HttpResponse:
    operation = decision.operation
    done = words % {
        "amount": write_money(operation.money),
        "name": operation.intent.customer.name,
    }
    return show_queue(request, form, done=done, said_of=decision.public_id)


def _get_or_404(public_id: str) -> OutcomeDecision:
    rows = OutcomeDecision.objects.select_related("operation__intent__customer")
    decision = rows.filter(public_id=public_id).first()
    if decision is None:
        raise Http404
    return decision
