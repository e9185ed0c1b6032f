"""What really happened in a lesson, as the rows have it. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.recordings import Span, overlap, recorded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from core.money import Money
    from crm.call_facts import Fact
    from crm.models import Call, Customer, Task, WrapUp
    from orders.models import PromiseToPay
    from payments.models import (
        CheckoutSession,
        PaymentAttempt,
        PaymentIntent,
        PaymentMethod,
        ProviderOperation,
        Refund,
        SurplusMove,
        WebhookEvent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The rows of one run, read at an instant. Each list is in the order of its making.

    `intents`, `links`, `attempts` and `operations` are those of who learns; what the script
    itself prepared, is in `prepared`. `replayed` are ids of deliveries worked off again.
    """

    user_id: int
    money: Money
    started_at: datetime
    now: datetime
    customer: Customer | None = None
    call: Call | None = None
    call_facts: Sequence[Fact] = ()
    wrap_up: WrapUp | None = None
    prepared: Sequence[PaymentIntent] = ()
    intents: Sequence[PaymentIntent] = ()
    links: Sequence[CheckoutSession] = ()
    attempts: Sequence[PaymentAttempt] = ()
    operations: Sequence[ProviderOperation] = ()
    refunds: Sequence[Refund] = ()
    moves: Sequence[SurplusMove] = ()
    promises: Sequence[PromiseToPay] = ()
    methods: Sequence[PaymentMethod] = ()
    tasks: Sequence[Task] = ()
    deliveries: Sequence[WebhookEvent] = ()
    replayed: Sequence[str] = ()
    paid_at: dict[int, datetime] = field(default_factory=dict)
    """When we learnt that the money of an intent was taken, by the intent's key."""

    @property
    def answered_at(self) -> datetime | None:
        return self.call.answered_at if self.call else None

    @property
    def ended_at(self) -> datetime | None:
        return self.call.ended_at if self.call else None

    @property
    def is_on_line(self) -> bool:
        return self.answered_at is not None and self.ended_at is None

    @property
    def open_link(self) -> CheckoutSession | None:
        """The newest link that can be paid."""
        found = [one for one in self.links if one.kind == "link" and one.status == "open"]
        return found[-1] if found else None

    @property
    def paid(self) -> list[PaymentIntent]:
        return [one for one in self.intents if one.pk in self.paid_at]

    @property
    def is_paid(self) -> bool:
        """Whether all of what is owed in the lesson was taken by who learns."""
        return sum(one.captured for one in self.paid) >= self.money.minor

    @property
    def last_paid_at(self) -> datetime | None:
        return max((self.paid_at[one.pk] for one in self.paid), default=None)

    @property
    def is_set_up(self) -> bool:
        """Whether what the script pays beforehand has been taken."""
        return bool(self.prepared) and all(one.captured for one in self.prepared)

    @property
    def unknown(self) -> ProviderOperation | None:
        """A request of which nobody knows now what became of it."""
        return next((one for one in self.operations if one.status == "unknown"), None)

    @property
    def lost(self) -> ProviderOperation | None:
        """The first request whose answer was lost, also when it is known by now."""
        return next((one for one in self.operations if one.has_lost_answer), None)

    @property
    def outcome(self) -> str:
        """The outcome that was saved for the call."""
        saved = self.wrap_up
        if saved is None or saved.saved_at is None or saved.outcome is None:
            return ""
        return saved.outcome.key

    def within(self, limit: timedelta, since: datetime | None, at: datetime | None) -> bool:
        """Whether one instant came so soon after another. What never came did not."""
        return since is not None and at is not None and at - since <= limit

    def stayed_until(self, at: datetime | None) -> bool:
        """Whether the call still went on at an instant that did come."""
        return at is not None and (self.ended_at is None or self.ended_at >= at)

    def recorded_while(self, begins_at: datetime, ends_at: datetime) -> timedelta:
        """How much of a span is on the recording of the call."""
        span = Span(begins_at, max(begins_at, ends_at))
        return overlap(span, recorded(self.call_facts, self.now))
