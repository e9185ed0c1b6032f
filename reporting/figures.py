"""What happened on a day and what is still open: one function a figure.

Each reads the database once, set by set, and counts exactly the rows that `movements` and
`rows` list. Amounts are `Money`; rates are basis points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, Min, Sum, Value, When
from django.db.models.functions import Greatest

from core.jobs import business_date
from core.money import Money
from reporting import movements, rows
from reporting.movements import Cell, Kind
from reporting.rows import STATUSES, Age, Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from reporting.movements import Moved

WHOLE = 10_000
"""A rate of one, in basis points."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What one method brought at one provider account on a day. What went back is negative."""

    cell: Cell
    provider: str
    payments: int
    captured: Money
    refunded: Money
    disputed: Money

    @property
    def net(self) -> Money:
        """What is left of it, before the provider's fees."""
        return self.captured + self.refunded + self.disputed

    @property
    def returned(self) -> Money:
        """What went back, as a positive amount."""
        return -(self.refunded + self.disputed)


@dataclass(frozen=True, slots=True)
class Takings:
    """The takings of a day in one currency, the greatest first."""

    total: Taking
    lines: list[Taking]


@dataclass(frozen=True, slots=True)
class Authorisation:
    """How the attempts of a day ended by one method at one provider account."""

    method: str
    account: str
    provider: str
    counts: dict[str, int] = field(hash=False)

    @property
    def ended(self) -> int:
        return sum(self.counts.values()) - self.counts[Outcome.UNDER_WAY]

    @property
    def authorised(self) -> int:
        return self.counts[Outcome.AUTHORISED]

    @property
    def rate_bp(self) -> int | None:
        """Authorised out of ended, halves rounded up; None while nothing has ended."""
        return (
            (2 * self.authorised * WHOLE + self.ended) // (2 * self.ended) if self.ended else None
        )


@dataclass(frozen=True, slots=True)
class Aged:
    """What has been owed for one span of time, on how many invoices."""

    age: Age
    count: int
    sum: Money


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What is owed now in one currency, by age. Every age is there, also where nothing is."""

    currency: str
    ages: list[Aged]

    @property
    def count(self) -> int:
        return sum(aged.count for aged in self.ages)

    @property
    def owed(self) -> Money:
        return _sum((aged.sum for aged in self.ages), self.currency)

    @property
    def overdue(self) -> Money:
        late = (aged.sum for aged in self.ages if aged.age != Age.NOT_DUE)
        return _sum(late, self.currency)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Links that can be paid now in one currency, and what is left to pay by them."""

    count: int
    opened: int
    sum: Money
    oldest: dt.datetime


def takings(day: dt.date) -> list[Takings]:
    """Return what was taken and what went back on a day, per currency."""
    moved = movements.grouped(Cell(day))
    found = []
    for currency, group in groupby(moved, key=lambda one: one.sum.currency):
        own = list(group)
        places = groupby(own, key=attrgetter("method", "provider", "account"))
        lines = [
            _taking(Cell(day, currency, method, account), provider, list(those))
            for (method, provider, account), those in places
        ]
        lines.sort(key=lambda line: line.captured.minor, reverse=True)
        found.append(Takings(_taking(Cell(day, currency), "", own), lines))
    return found


def authorisation(day: dt.date) -> list[Authorisation]:
    """Return how the attempts begun on a day ended, by method and provider account."""
    counts = {
        outcome: Count("pk", filter=rows.in_statuses(statuses))
        for outcome, statuses in STATUSES.items()
    }
    names = ("method", "account__public_id", "account__name")
    groups = rows.attempts_begun(day).values(*names).order_by(*names).annotate(**counts)
    return [
        Authorisation(
            method=group["method"],
            account=group["account__public_id"],
            provider=group["account__name"],
            counts={outcome: group[outcome] for outcome in STATUSES},
        )
        for group in groups
    ]


def total_of(attempts: Iterable[Authorisation]) -> Authorisation:
    """Return all of them as one."""
    own = list(attempts)
    counts = {outcome: sum(one.counts[outcome] for one in own) for outcome in STATUSES}
    return Authorisation(method="", account="", provider="", counts=counts)


def totals_of(moved: Iterable[Moved]) -> list[tuple[int, Money]]:
    """Return how many movements there are per currency, and their sum."""
    counts: dict[str, int] = {}
    sums: dict[str, Money] = {}
    for one in moved:
        currency = one.sum.currency
        counts[currency] = counts.get(currency, 0) + one.count
        sums[currency] = sums.get(currency, Money.zero(currency)) + one.sum
    return [(counts[currency], sums[currency]) for currency in sums]


def outstanding() -> list[Outstanding]:
    """Return what is owed now, per currency and age."""
    today = business_date()
    age = Case(*(When(rows.due_within(age, today), then=Value(age.value)) for age in Age))
    groups = (
        rows.owed()
        .values("currency", age=age)
        .order_by("currency")
        .annotate(count=Count("pk"), sum=Sum("open_amount"))
    )
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for group in groups:
        ages = found.setdefault(group["currency"], {})
        ages[group["age"]] = (group["count"], int(group["sum"]))
    return [
        Outstanding(currency, [_aged(age, currency, ages.get(age, (0, 0))) for age in Age])
        for currency, ages in found.items()
    ]


def links_waiting(currency: str = "", *, only_opened: bool = False) -> list[Waiting]:
    """Return how many links can be paid now, per currency."""
    left = F("intent__amount") - F("intent__captured") - F("intent__capturable")
    groups = (
        rows.links_waiting(currency, only_opened=only_opened)
        .values(currency=F("intent__currency"))
        .order_by("currency")
        .annotate(
            count=Count("pk"),
            opened=Count("opened_at"),
            sum=Sum(Greatest(left, Value(0))),
            oldest=Min("created_at"),
        )
    )
    return [
        Waiting(
            group["count"],
            group["opened"],
            Money(int(group["sum"]), group["currency"]),
            group["oldest"],
        )
        for group in groups
    ]


def _taking(cell: Cell, provider: str, moved: list[Moved]) -> Taking:
    def of(kind: Kind) -> Money:
        return _sum((one.sum for one in moved if one.kind == kind), cell.currency)

    return Taking(
        cell=cell,
        provider=provider,
        payments=sum(one.count for one in moved if one.kind == Kind.CAPTURED),
        captured=of(Kind.CAPTURED),
        refunded=of(Kind.REFUNDED),
        disputed=of(Kind.DISPUTED),
    )


def _aged(age: Age, currency: str, found: tuple[int, int]) -> Aged:
    count, minor = found
    return Aged(age, count, Money(minor, currency))


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))
