"""What the rail shows of a customer's payments, and of one payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.writing import write_money
from payments import desk, rail
from payments.clocks import clock_of
from payments.forms import new_operation
from payments.models.intents import live_version_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crm.models import Customer
    from payments.models import PaymentEvent, PaymentIntent
    from payments.rail import Rail


@dataclass(frozen=True, slots=True)
class Told:
    """One payment as the rail tells it. `seconds` is how long until the provider is asked."""

    intent: PaymentIntent
    rail: Rail
    seconds: int | None

    @property
    def clock(self) -> str:
        """The countdown as it stands when the page is made: 0:18."""
        return clock_of(self.seconds or 0)

    @property
    def works_for(self) -> int | None:
        """For how many seconds more the link works."""
        until = self.rail.expires_at
        return _seconds_to(until) if until else None

    @property
    def held_until(self) -> datetime | None:
        """Until when its order keeps its goods: at least as long as the link works."""
        instants = [self.intent.stock_held_until, self.rail.expires_at]  # type: ignore[attr-defined]
        return max(one for one in instants if one) if instants[0] else None

    @property
    def held_for(self) -> int | None:
        """For how many seconds more the goods are kept."""
        return _seconds_to(self.held_until) if self.held_until else None


def rail_context(customer: Customer) -> dict[str, Any]:
    """The newest payment that waits or was lively within the hour, and others that wait."""
    found = desk.followed(customer.pk)
    version = (
        found[0].customer_version  # type: ignore[attr-defined]
        if found
        else live_version_of(customer.pk)
    )
    return {
        "customer": customer,
        "told": told(found[0]) if found else None,
        "others": [one for one in found[1:] if one.status in one.WAITING],
        "customer_version": version,
        "rail_operation": new_operation(),
    }


def told(intent: PaymentIntent, events: Sequence[PaymentEvent] | None = None) -> Told:
    """Tell one payment that was read with its figures."""
    events = desk.events_of(intent) if events is None else events
    story = rail.tell(desk.figures_of(intent, events), desk.said(events), write_money)
    return Told(intent, story, _seconds_until(story))


def _seconds_until(story: Rail) -> int | None:
    if story.hold is None or story.hold.until is None:
        return None
    return _seconds_to(story.hold.until)


def _seconds_to(instant: datetime) -> int:
    return max(0, round((instant - timezone.now()).total_seconds()))
