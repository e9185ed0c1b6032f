"""Deliveries of providers that could not be applied and wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import audit
from core.policy import Permission, needs
from crm import practice
from crm.views.countless import page_of
from payments.models import WebhookEvent
from payments.services import webhooks

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.VIEW_PAYMENT)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Parked deliveries, the newest first. Their contents are shown nowhere."""
    rows = WebhookEvent.objects.filter(
        state=WebhookEvent.State.PARKED, account__is_practice=practice.is_on(request)
    ).select_related("account")
    page = page_of(rows.order_by("-pk"), request.GET.get("page", ""))
    return render(request, "payments/parked.html", {"page": page})


@needs(Permission.REPLAY_WEBHOOK)
@require_POST
def replay(request: AgentRequest, event_id: int) -> HttpResponse:
    """Have one parked delivery worked off again. Safe to repeat."""
    rows = WebhookEvent.objects.filter(state=WebhookEvent.State.PARKED)
    event = get_object_or_404(rows, pk=event_id)
    with transaction.atomic():
        webhooks.replay(event)
        audit.record(request.user, "webhook.replayed", event)
    messages.success(request, _("It is being worked off again."))
    return redirect("payments:parked")
