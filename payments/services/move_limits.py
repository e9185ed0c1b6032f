"""How much free money one person may move: at a time, and on a business day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from core import policy
from core.money import Money
from payments import errors
from payments.models import SurplusMove

if TYPE_CHECKING:
    from core.models import ApiKey, User


def one_at_a_time(person: User) -> None:
    """Make what a person moves or approves wait for each other, so that the day's limit holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('moves'), %s)", [person.pk])


def limit_exceeded(amount: Money, requested_by: User | ApiKey) -> str:
    """Say which limit of the role the amount is above, if any: then a second person decides.

    Raises MoveAboveLimit where the role may move nothing, and MoveAboveEveryLimit where nobody
    could approve it.
    """
    limits = policy.move_limit(requested_by, amount.currency)
    if not limits.at_once.minor:
        raise errors.MoveAboveLimit(limit=limits.at_once)
    is_above_day = amount > left_today(requested_by, amount.currency)
    if amount <= limits.at_once and not is_above_day:
        return ""
    highest = policy.highest_move(policy.APPROVE_REFUND, amount.currency)
    if amount > highest:
        raise errors.MoveAboveEveryLimit(limit=highest)
    return SurplusMove.Above.PER_MOVE if amount > limits.at_once else SurplusMove.Above.PER_DAY


def hold_limits(amount: Money, principal: User | ApiKey) -> None:
    """Raise MoveAboveLimit or MoveAboveDayLimit where the amount is above a limit."""
    limits = policy.move_limit(principal, amount.currency)
    if amount > limits.at_once:
        raise errors.MoveAboveLimit(limit=limits.at_once)
    left = left_today(principal, amount.currency)
    if amount > left:
        raise errors.MoveAboveDayLimit(left=left, limit=limits.per_day)


def left_today(principal: User | ApiKey, currency: str) -> Money:
    """Return how much of the day's limit the person still has; never less than zero."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    counted = SurplusMove.objects.let_go_by(policy.person_of(principal), midnight)
    today = counted.filter(currency=currency).aggregate(sum=Sum("amount"))["sum"] or 0
    limits = policy.move_limit(principal, currency)
    return max(limits.per_day - Money(today, currency), Money(0, currency))
