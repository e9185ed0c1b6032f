"""What payments shows on pages of crm: the Pay panel, the rail, and what waits on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from core import policy
from core.policy import Permission
from crm import panels, practice
from crm.panels import Built, Slot
from payments import desk
from payments.views.approvals import waiting_for
from payments.views.pay_context import panel_context
from payments.views.rail_context import rail_context

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User
    from crm.models import Customer

MOST_ON_DESK = 6


def pay_panel(request: HttpRequest, customer: Customer | None) -> Built | None:
    """The customer's open items and the ways to take them paid."""
    user = cast("User", request.user)
    if customer is None or not policy.allows(user, Permission.VIEW_PAYMENT):
        return None
    context = panel_context(user, customer)
    return Built("payments/panel.html", context, is_open=bool(context["rows"]))


def rail(request: HttpRequest, customer: Customer | None) -> Built | None:
    """What happens with the customer's payments, step by step."""
    user = cast("User", request.user)
    if customer is None or not policy.allows(user, Permission.VIEW_PAYMENT):
        return None
    return Built("payments/rail.html", rail_context(customer))


def waiting(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Links that wait for their customers, on the first page of the day."""
    del customer
    if not policy.allows(cast("User", request.user), Permission.VIEW_PAYMENT):
        return None
    intents = desk.links_waiting(MOST_ON_DESK, is_practice=practice.is_on(request))
    return Built("payments/desk_waiting.html", {"intents": intents})


def review(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Payments that a person should look at. Shown only where there are any."""
    del customer
    if not policy.allows(cast("User", request.user), Permission.VIEW_PAYMENT):
        return None
    intents = desk.needing_review(MOST_ON_DESK, is_practice=practice.is_on(request))
    return Built("payments/desk_review.html", {"intents": intents}) if intents else None


def approvals(request: HttpRequest, customer: Customer | None) -> Built | None:
    """What waits for a second person, for those who may be that person."""
    del customer
    user = cast("User", request.user)
    if not policy.allows(user, Permission.APPROVE_REFUND):
        return None
    found = waiting_for(user, MOST_ON_DESK, is_practice=practice.is_on(request))
    return Built("payments/desk_approvals.html", {"waiting": found}) if found else None


def register_all() -> None:
    """Hang the panels into the slots of crm. Safe to repeat."""
    panels.register(Slot.MAIN, pay_panel, 10)
    panels.register(Slot.MAIN, "payments/way.html", 20)
    panels.register(Slot.RAIL, rail, 10)
    panels.register(Slot.DESK, waiting, 20)
    panels.register(Slot.DESK, review, 10)
    panels.register(Slot.DESK, approvals, 5)
