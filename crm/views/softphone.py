"""A telephone to practise with: it rings, is answered, held and put down, all made up."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from core import policy, signatures
from core.policy import Permission, needs
from core.signatures import SignatureWrong
from crm.contact_values import normalise_phone
from crm.errors import PhoneUnusable
from crm.models import Call, ContactPoint
from crm.services import softphones
from crm.services.softphones import SoftphoneFailed
from crm.telephony.base import SIGNATURE_HEADER

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.models import Extension
    from crm.views.requests import AgentRequest

MOST_CALLERS = 8
ACTS = {
    "answer": ("answered", "recording_started"),
    "hold": ("held",),
    "resume": ("resumed",),
    "pause_recording": ("recording_paused",),
    "resume_recording": ("recording_resumed",),
    "fail": ("dial_failed",),
    "end": ("ended",),
}


@needs(Permission.EDIT_CUSTOMER)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: AgentRequest) -> HttpResponse:
    """Choose who calls, and let it ring at the reader's own desk. Only where one practises."""
    _only_here()
    extension = softphones.ensure_extension(request.user)
    if request.method != "POST":
        return render(request, "crm/softphone.html", _context(extension))
    try:
        _ring(extension, request.POST)
    except (SoftphoneFailed, PhoneUnusable) as error:
        messages.error(request, _("It did not ring: %(reason)s") % {"reason": error})
    return redirect("crm:softphone")


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def act(request: AgentRequest, public_id: str) -> HttpResponse:
    """Answer, hold, pause or put down one of the reader's own made-up calls."""
    _only_here()
    extension = softphones.ensure_extension(request.user)
    own = Call.objects.filter(agent=request.user, phone_system=extension.phone_system)
    call, events = own.filter(public_id=public_id).first(), ACTS.get(request.POST.get("act", ""))
    if call is None or events is None:
        raise Http404
    try:
        for event in events:
            softphones.tell(extension.phone_system, call.external_id, event)
    except SoftphoneFailed as error:
        messages.error(request, _("It did not work: %(reason)s") % {"reason": error})
    return redirect("crm:softphone")


@policy.public
@csrf_exempt
@require_POST
def control(request: HttpRequest) -> HttpResponse:
    """Take a signed command, as a telephone system would. Forged ones are refused (400)."""
    return _obey(request, is_practice=False)


@policy.public
@csrf_exempt
@require_POST
def practice_control(request: HttpRequest) -> HttpResponse:
    """Take a signed command for a practice call. Forged ones are refused (400)."""
    return _obey(request, is_practice=True)


def _obey(request: HttpRequest, *, is_practice: bool) -> HttpResponse:
    _only_here()
    system = softphones.ensure_system(is_practice=is_practice)
    try:
        header = request.headers.get(SIGNATURE_HEADER, "")
        signatures.check(request.body, header, system.credentials["secret"])
        softphones.carry_out(system, json.loads(request.body))
    except (SignatureWrong, ValueError):
        return HttpResponse(status=400)
    except SoftphoneFailed:
        return HttpResponse(status=502)
    return HttpResponse(status=202)


def _only_here() -> None:
    if not softphones.is_here():
        raise Http404


def _ring(extension: Extension, chosen: Any) -> None:
    """Let the chosen number ring; what was typed by hand comes before what was chosen."""
    number = chosen.get("typed", "").strip() or chosen.get("caller", "")
    if number == "unknown":
        number = f"+35850{secrets.randbelow(9_000_000) + 1_000_000}"
    is_withheld = number in {"", "withheld"}
    softphones.ring(extension, "" if is_withheld else normalise_phone(number))


def _context(extension: Extension) -> dict[str, Any]:
    shared = (
        ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, customer__merged_into=None)
        .values("value")
        .annotate(owners=Count("customer"))
        .filter(owners__gt=1)
        .values_list("value", "owners")
    )
    newest = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.PHONE, is_primary=True, customer__merged_into=None
    )
    return {
        "calls": softphones.live(extension),
        "callers": newest.select_related("customer").order_by("pk")[2 : MOST_CALLERS + 2],
        "shared": shared[:2],
    }
