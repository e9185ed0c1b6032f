"""What an agent does while the customer keys the card on the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_POST

from core.policy import Permission, needs
from payments.forms import ActForm, FieldForm
from payments.services import keypads
from payments.views.once import once
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.USE_KEYPAD)
@require_POST
def start(request: AgentRequest, public_id: str) -> HttpResponse:
    """Let the customer key the card once more, after a refusal say. Safe to repeat."""
    intent = get_intent_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals():
            keypads.open_capture(intent_id=intent.pk, actor=request.user)
    return answer(request, intent, form)


@needs(Permission.USE_KEYPAD)
@require_POST
def ask(request: AgentRequest, public_id: str) -> HttpResponse:
    """Have one field keyed once more, once per form."""
    intent = get_intent_or_404(public_id)
    form = FieldForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with form.refusals(), once(request, data["operation"], prefix="kf") as made:
            if not made.is_replay:
                keypads.ask_again(intent_id=intent.pk, field=data["field"], actor=request.user)
    return answer(request, intent, form)


@needs(Permission.USE_KEYPAD)
@require_POST
def charge(request: AgentRequest, public_id: str) -> HttpResponse:
    """Charge what was keyed. Safe to repeat: it is charged once."""
    intent = get_intent_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals():
            keypads.charge(intent_id=intent.pk, actor=request.user)
    return answer(request, intent, form)
