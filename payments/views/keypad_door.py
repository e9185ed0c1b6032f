"""The door for keypad gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import policy
from core.doors import read_body
from payments.keypads.base import Delivery
from payments.providers.errors import WebhookForged, WebhookUnusable
from payments.services import keypad_door

if TYPE_CHECKING:
    from django.http import HttpRequest


@policy.public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, keypad_id: str, operation_id: str) -> HttpResponse:
    """Take in signed news of a keypad and answer 200 once it is committed.

    Forged news is counted and not kept (400), as is news of no use (422); too large a body is
    refused (413); a keypad nobody knows is 404. The body is kept nowhere.
    """
    body = read_body(request)
    if body is None:
        return HttpResponse(status=413)
    keypad = keypad_door.open_keypad(keypad_id)
    if keypad is None:
        return HttpResponse(status=404)
    delivery = Delivery(
        url=settings.PUBLIC_URL + request.get_full_path(),
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        received_at=timezone.now(),
    )
    try:
        keypad_door.receive(keypad=keypad, operation_id=operation_id, delivery=delivery)
    except WebhookForged:
        keypad_door.count_refused(keypad, "forged")
        return HttpResponse(status=400)
    except WebhookUnusable:
        keypad_door.count_refused(keypad, "unusable")
        return HttpResponse(status=422)
    return HttpResponse(status=200)
