"""Deliveries of providers, to be looked at. What they said is shown nowhere."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import FoundById
from core.fields import cipher
from payments.models import WebhookBody, WebhookEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(WebhookEvent)
class WebhookEventAdmin(FoundById):
    """Found by the provider's id of the event. The body is told by its size and digest only."""

    list_display = ["received_at", "account", "kind", "event_id", "state", "attempts", "error"]
    list_filter = ["state", "account", ("received_at", admin.DateFieldListFilter)]
    list_select_related = ["account"]
    search_help_text = _("By the provider’s whole id of the event")
    shown = [
        *("received_at", "account", "event_id", "kind", "reference_kind", "reference", "our_id"),
        *("state", "attempts", "next_at", "occurred_at", "finished_at", "error"),
        *("lease_until", "body_size", "body_digest"),
    ]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        del request
        return ["event_id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        del request
        term = search_term.strip()
        return (queryset.filter(event_id=term) if term else queryset), False

    @admin.display(description=_("size of the body, bytes"))
    def body_size(self, event: WebhookEvent) -> str:
        body = _body(event)
        return str(len(body)) if body is not None else "–"

    @admin.display(description=_("SHA-256 of the body"))
    def body_digest(self, event: WebhookEvent) -> str:
        body = _body(event)
        return hashlib.sha256(body).hexdigest() if body is not None else "–"


def _body(event: WebhookEvent) -> bytes | None:
    """Read the raw body; None where it was pruned."""
    raw = WebhookBody.objects.filter(event=event).first()
    return cipher().decrypt(bytes(raw.body)) if raw is not None else None
