"""Panels of upper apps, built for one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from crm.panels import Built, in_slot

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.models import Customer
    from crm.panels import Panel


def build(slot: str, request: HttpRequest, customer: Customer | None = None) -> list[Built]:
    """Every panel of a slot that has something to show, in order."""
    built = (_build(panel, request, customer) for panel in in_slot(slot))
    return [panel for panel in built if panel is not None]


def _build(panel: Panel, request: HttpRequest, customer: Customer | None) -> Built | None:
    if callable(panel.source):
        return panel.source(request, customer)
    if panel.is_template:
        return Built(panel.source, {"customer": customer})
    arguments = [customer.public_id] if customer else []
    return Built("crm/panel_by_url.html", {"url": reverse(panel.source, args=arguments)})
