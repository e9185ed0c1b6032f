"""Wrapping up the call that has just ended, on whatever page the agent is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.policy import Permission, needs
from crm import practice
from crm.errors import NotYourCall
from crm.forms import domain_errors_on
from crm.models import Call
from crm.services import calls, feedback, wrap_ups
from crm.task_forms import SOON
from crm.wrap_up_forms import UNASKED, WrapUpForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from crm.services.wrap_ups import Proposal
    from crm.views.requests import AgentRequest

PART = "crm/wrap_up.html"


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def waiting(request: AgentRequest) -> HttpResponse:
    """Answer the form of the call that waits to be wrapped up, or the place where it will be."""
    return render(request, PART, waiting_context(request))


@needs(Permission.VIEW_CUSTOMER)
@require_POST
def keep(request: AgentRequest, public_id: str) -> HttpResponse:
    """Keep what is typed so far. What cannot be kept yet is kept with the next letters."""
    form = WrapUpForm(request.POST)
    if form.is_valid():
        with domain_errors_on(form):
            wrap_ups.keep_draft(call=_own(public_id), actor=request.user, **form.words)
    return HttpResponse(status=422 if form.errors else 204)


@needs(Permission.VIEW_CUSTOMER)
@require_POST
def save(request: AgentRequest, public_id: str) -> HttpResponse:
    """Save the wrap-up and make room for the next call."""
    call = _own(public_id)
    if call.agent_id != request.user.pk:
        raise PermissionDenied(str(NotYourCall.message))
    form = WrapUpForm(request.POST)
    if form.is_valid():
        with domain_errors_on(form):
            wrap_ups.save(
                call=call,
                actor=request.user,
                call_back_at=form.call_back_at,
                unasked=form.cleaned_data["unasked"],
                **form.words,
            )
    if form.errors:
        context = {
            "proposal": wrap_ups.proposal_of(call),
            "wrap_form": form,
            "call_backs": SOON,
            "unasked": _unasked(call),
        }
        template = PART if request.htmx else "crm/wrap_up_page.html"
        return render(request, template, context, status=422)
    if not request.htmx:
        return redirect("crm:desk")
    return render(request, PART, {**waiting_context(request), "is_wrapped_up": True})


def waiting_context(request: AgentRequest) -> dict[str, Any]:
    """What the place of the wrap-up shows: a proposal where a call waits for it.

    Nothing while the next call is there: who calls now comes first, and what was typed is kept.
    """
    is_free = calls.current_call(request.user) is None
    own_practice = practice.call_of(request)
    call = wrap_ups.waiting_for(request.user, practice_call=own_practice) if is_free else None
    proposal: Proposal | None = wrap_ups.proposal_of(call) if call is not None else None
    own = request.user.public_id
    version = calls.line_versions(request.user, [own])[f"calls:{own}"]
    return {
        "proposal": proposal,
        "line_version": version,
        "call_backs": SOON,
        "unasked": _unasked(call) if call is not None else [],
    }


def _unasked(call: Call) -> list[tuple[str, StrOrPromise]]:
    """Why the customer of a call may be left unasked; nothing where nobody would be asked."""
    return list(UNASKED) if feedback.may_ask(call) else []


def _own(public_id: str) -> Call:
    call = Call.objects.select_related("customer").filter(public_id=public_id).first()
    if call is None:
        raise Http404
    return call
