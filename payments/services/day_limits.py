"""How much one person may let go of one kind: at a time, and on a business day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from core import policy
from core.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.errors import DomainError
    from core.models import ApiKey, User
    from core.policy import Limits, Permission
    from payments.models import Refund, SurplusMove


@dataclass(frozen=True)
class DayLimits:
    """The limits of one kind of money let go. What is above them a second person decides.

    What counts in a person's day is what the person let go: their own within the limits, and
    those of others that they approved.
    """

    name: str
    rows: type[Refund] | type[SurplusMove]
    above: tuple[str, str]
    """What a row says that is above the limit at a time, and above that of the day."""
    limits: Callable[[User | ApiKey, str], Limits]
    highest: Callable[[Permission, str], Money]
    """The most that anybody with a permission may let go at a time, in a currency."""
    above_limit: type[DomainError]
    above_day: type[DomainError]
    above_every: type[DomainError]

    def one_at_a_time(self, person: User) -> None:
        """Make what a person lets go wait for each other, so that the day's limit holds."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [self.name, person.pk])

    def exceeded(self, amount: Money, requested_by: User | ApiKey) -> str:
        """Say which limit of the role the amount is above, if any: then a second person decides.

        Raises `above_limit` where the role may let nothing go, and `above_every` where nobody
        could approve it.
        """
        limits = self.limits(requested_by, amount.currency)
        if not limits.at_once.minor:
            raise self.above_limit(limit=limits.at_once)
        is_above_day = amount > self.left_today(requested_by, amount.currency)
        if amount <= limits.at_once and not is_above_day:
            return ""
        highest = self.highest(policy.APPROVE_REFUND, amount.currency)
        if amount > highest:
            raise self.above_every(limit=highest)
        above_once, above_day = self.above
        return above_once if amount > limits.at_once else above_day

    def hold(self, amount: Money, principal: User | ApiKey) -> None:
        """Raise `above_limit` or `above_day` where the amount is above a limit."""
        limits = self.limits(principal, amount.currency)
        if amount > limits.at_once:
            raise self.above_limit(limit=limits.at_once)
        left = self.left_today(principal, amount.currency)
        if amount > left:
            raise self.above_day(left=left, limit=limits.per_day)

    def left_today(self, principal: User | ApiKey, currency: str) -> Money:
        """Return how much of the day's limit the person still has; never less than zero."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        counted = self.rows.objects.let_go_by(policy.person_of(principal), midnight)
        today = counted.filter(currency=currency).aggregate(sum=Sum("amount"))["sum"] or 0
        limits = self.limits(principal, currency)
        return max(limits.per_day - Money(today, currency), Money(0, currency))
