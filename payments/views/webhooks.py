"""The door for providers' deliveries."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import policy
from core.doors import read_body
from payments.errors import ProviderNotInstalled
from payments.providers.errors import WebhookForged
from payments.services import accounts, webhooks

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)


@policy.public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, account_id: str) -> HttpResponse:
    """Keep a signed delivery and answer 200 once it is committed.

    A forged one is counted and not kept (400); too large a body is refused (413); an
    account nobody knows is 404. No provider and no broker is waited for.
    """
    body = read_body(request)
    if body is None:
        return HttpResponse(status=413)
    account = accounts.by_public_id(account_id)
    if account is None:
        return HttpResponse(status=404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        webhooks.receive(account=account, body=body, headers=headers)
    except WebhookForged:
        webhooks.count_forged(account)
        return HttpResponse(status=400)
    except ProviderNotInstalled:
        return HttpResponse(status=404)
    return HttpResponse(status=200)
