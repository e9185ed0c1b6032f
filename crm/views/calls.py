"""Calls as people see them: the line in the bar, one call's page, and what can be done with it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.policy import Permission, needs
from crm import call_story
from crm.call_story import Step
from crm.contact_values import phone_label
from crm.models import Call, CallEvent, ContactPoint
from crm.services import call_commands, calls
from crm.telephony.base import Command
from crm.views.customers import get_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

MOST_EVENTS = 200
CHANGED = "call-changed"


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def line(request: AgentRequest) -> HttpResponse:
    """The reader's own telephone as it is now; what a call allows is told to look again."""
    response = render(request, "components/call_bar.html", {"open_id": _open_id(request)})
    response["HX-Trigger"] = CHANGED
    return response


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def page(request: AgentRequest, public_id: str) -> HttpResponse:
    """One call: who, when, and what happened during it, in the order of time."""
    call = call_or_404(public_id)
    return render(request, "crm/call.html", _context(call))


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def name_customer(request: AgentRequest, public_id: str) -> HttpResponse:
    """Say who is on the line, and open that customer."""
    customer = get_or_404(request.POST.get("customer", ""))
    calls.name_customer(call=call_or_404(public_id), customer=customer, actor=request.user)
    return redirect("crm:customer", customer.public_id)


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def command(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask the telephone system for something; a refusal is shown where the button is."""
    call = call_or_404(public_id)
    asked = request.POST.get("command", "")
    if asked not in set(Command) - {Command.DIAL}:
        raise Http404
    refusal = ""
    try:
        call_commands.ask(call=call, command=Command(asked), actor=request.user)
    except DomainError as error:
        refusal = f"{error} " + _("Do it on the telephone itself.")
    if request.htmx:
        status = 422 if refusal else 200
        context = {"refusal": refusal, "open_id": _open_id(request)}
        response = render(request, "components/call_bar.html", context, status=status)
        response["HX-Trigger"] = CHANGED
        return response
    if refusal:
        messages.error(request, refusal)
    return redirect("crm:call", call.public_id)


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def dial(request: AgentRequest, public_id: str) -> HttpResponse:
    """Call a customer's number from the reader's telephone, or say why not and what to dial."""
    point = ContactPoint.objects.select_related("customer").filter(public_id=public_id).first()
    if point is None or point.kind != ContactPoint.Kind.PHONE:
        raise Http404
    number, has_failed = phone_label(point.value), False
    try:
        call_commands.dial(
            number=point.value, actor=request.user, is_practice=point.customer.is_practice
        )
        said = _("Your telephone rings. Lift it, and %(number)s is called.") % {"number": number}
    except DomainError as error:
        has_failed = True
        said = f"{error} " + _("Dial by hand: %(number)s") % {"number": number}
    if request.htmx:
        context = {"said": said, "has_failed": has_failed}
        return render(request, "crm/dial_said.html", context, status=422 if has_failed else 200)
    (messages.error if has_failed else messages.success)(request, said)
    return redirect("crm:customer", point.customer.public_id)


def call_or_404(public_id: str) -> Call:
    """The call of an address. Raises Http404."""
    call = (
        Call.objects.select_related("customer", "agent", "phone_system")
        .filter(public_id=public_id)
        .first()
    )
    if call is None:
        raise Http404
    return call


def _open_id(request: AgentRequest) -> str:
    """Whose page the reader looks at: that customer's ring needs no window of its own."""
    return request.GET.get("open", "")


def _context(call: Call) -> dict[str, Any]:
    events = CallEvent.objects.filter(call=call).select_related("agent").order_by("at", "pk")
    own = [_step(event) for event in events[:MOST_EVENTS]]
    return {
        "call": call,
        "version": calls.versions_of([call])[call.pk],
        "steps": sorted([*own, *call_story.told(call)], key=attrgetter("at")),
        "topics": call_story.listened_to(call),
        "candidates": calls.candidates(call) if call.customer_id is None else [],
    }


def _step(event: CallEvent) -> Step:
    text = event.get_kind_display()
    return Step(event.at, f"{text} · {event.agent}" if event.agent else text)
