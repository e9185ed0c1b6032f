"""The door for telephone systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import policy
from core.doors import read_body
from crm.services import call_door
from crm.telephony.base import Delivery, NewsForged, NewsUnusable

if TYPE_CHECKING:
    from django.http import HttpRequest


@policy.public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, system_id: str) -> HttpResponse:
    """Take in signed news of a call and answer 200 once it is committed.

    Forged news is counted and not kept (400), as is news that we do not understand (422); too
    large a body is refused (413); a system nobody knows is 404.
    """
    body = read_body(request)
    if body is None:
        return HttpResponse(status=413)
    system = call_door.open_system(system_id)
    if system is None:
        return HttpResponse(status=404)
    delivery = Delivery(
        url=settings.PUBLIC_URL + request.get_full_path(),
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        received_at=timezone.now(),
    )
    try:
        call_door.receive(system=system, delivery=delivery)
    except NewsForged:
        call_door.count_refused(system, "forged")
        return HttpResponse(status=400)
    except NewsUnusable:
        call_door.count_refused(system, "unusable")
        return HttpResponse(status=422)
    return HttpResponse(status=200)
