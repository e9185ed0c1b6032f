"""What is going on at this moment: the figures of the board, each counted from its own rows.

What is counted alone is asked by one statement for all of them, and every part of it is
answered by an index: the board reads itself again every few seconds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Count, F, Min, Q, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from core.jobs import business_date
from core.money import Money
from core.remembered import Remembered
from crm.models import Call
from reporting import feedback, movements, now_rows, rows
from reporting.days import Bounds, bounds_of
from reporting.figures import Authorisation
from reporting.now_rows import Calls, Deliveries, Instalments, Promises, Undelivered
from reporting.rows import LATELY, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

WEEKS = 4
ENOUGH = 10
"""A day on which fewer attempts ended says nothing about a rate."""
MOST_PEOPLE = 200
REMEMBERED_FOR_S = 600.0

_bands_before: Remembered[dt.date, dict[Place, Band]] = Remembered(REMEMBERED_FOR_S)

type Place = tuple[str, str]
"""A method and the public id of a provider account."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are now, and since when the oldest of them."""

    count: int = 0
    oldest: dt.datetime | None = None

    def __add__(self, other: Tally) -> Tally:
        instants = [one.oldest for one in (self, other) if one.oldest is not None]
        return Tally(self.count + other.count, min(instants, default=None))


@dataclass(frozen=True, slots=True)
class Pace:
    """What is left of today's takings, and what was by this time on the same weekdays before."""

    today: Money
    before: list[Money]

    @property
    def usual(self) -> Money | None:
        """The mean of the weeks before; None where no money moved in any of them."""
        if not any(self.before):
            return None
        total, count = sum(one.minor for one in self.before), len(self.before)
        return Money((2 * total + count) // (2 * count), self.today.currency)


@dataclass(frozen=True, slots=True)
class Band:
    """The lowest and the highest rate of a day, in basis points."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Rates:
    """How attempts by one method at one provider account end, now and usually."""

    today: Authorisation
    lately: Authorisation
    band: Band | None

    @property
    def is_low(self) -> bool:
        """Whether enough attempts ended today or lately, and fewer went well than on any day."""
        return self.band is not None and any(
            one.ended >= ENOUGH and (one.rate_bp or 0) < self.band.low
            for one in (self.today, self.lately)
        )


def tallies() -> dict[str, Tally]:
    """Count everything that is counted alone. One statement."""
    rang = Coalesce("ringing_at", "created_at")
    parts: list[QuerySet[Any, Any]] = [
        _counted(Calls.RINGING, now_rows.calls(Calls.RINGING), rang),
        *(_counted(one, now_rows.calls(one)) for one in Calls if one != Calls.RINGING),
        _counted("unanswered", now_rows.unanswered()),
        *(_counted(one, now_rows.deliveries(one), F("received_at")) for one in Deliveries),
        *(_counted(one, now_rows.undelivered(one)) for one in Undelivered),
        _counted("in_review", now_rows.in_review()),
        *(_counted("awaiting", one) for one in now_rows.awaiting()),
        *(_counted(one, now_rows.promises(one)) for one in Promises),
        _counted("poor", feedback.poor_today(), F("answered_at")),
        *(_counted(one, now_rows.instalments(one)) for one in Instalments),
    ]
    found: dict[str, Tally] = {}
    for name, count, oldest in parts[0].union(*parts[1:], all=True):
        found[name] = found.get(name, Tally()) + Tally(count, oldest)
    return found


def people() -> list[Call]:
    """Return everybody at work by name, each by the call that matters now. One query."""
    rank = Case(When(status__in=["answered", "held"], then=0), When(status="ringing", then=1))
    found = (
        now_rows.calls_of_people()
        .annotate(rank=Coalesce(rank, 2))
        .select_related("agent", "customer")
        .order_by("agent", "rank", "-pk")
        .distinct("agent")
    )
    return sorted(found[:MOST_PEOPLE], key=lambda call: str(call.agent).casefold())


def paces() -> list[Pace]:
    """Return today's takings beside those of the same weekdays until the same hour."""
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    today = now.date()
    days = [today - dt.timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    until = [dt.datetime.combine(day, now.time(), now.tzinfo) for day in days]
    spans = [Bounds(bounds_of(day).start, end) for day, end in zip(days, until, strict=True)]
    found = movements.left_of([bounds_of(today), *spans])
    return [Pace(amounts[0], amounts[1:]) for amounts in found.values()]


def rates() -> list[Rates]:
    """Return how attempts of today and of the last hour ended, by method and account."""
    midnight, hour_ago = bounds_of(business_date()).start, timezone.now() - LATELY
    counts = _counts("today_", Q(created_at__gte=midnight))
    counts |= _counts("lately_", Q(created_at__gte=hour_ago))
    names = ("method", "account__public_id", "account__name")
    begun = rows.real_attempts().filter(created_at__gte=min(midnight, hour_ago))
    bands = _bands()
    return [
        Rates(
            _ended(group, "today_"),
            _ended(group, "lately_"),
            bands.get((group["method"], group["account__public_id"])),
        )
        for group in begun.values(*names).order_by(*names).annotate(**counts)
    ]


def forget() -> None:
    """Read the four weeks again at the next question."""
    _bands_before.forget()


def _counted(name: str, counted: QuerySet[Any], at: Combinable | None = None) -> QuerySet[Any, Any]:
    named = counted.order_by().values(name=Value(str(name), output_field=CharField()))
    figures = named.annotate(count=Count("pk"), oldest=Min(at or F("created_at")))
    plain: QuerySet[Any, Any] = figures.values_list("name", "count", "oldest")
    return plain


def _counts(prefix: str = "", condition: Q | None = None) -> dict[str, Count]:
    return {
        prefix + outcome: Count("pk", filter=(condition or Q()) & rows.in_statuses(statuses))
        for outcome, statuses in STATUSES.items()
    }


def _ended(group: Mapping[str, Any], prefix: str) -> Authorisation:
    return Authorisation(
        method=group["method"],
        account=group["account__public_id"],
        provider=group["account__name"],
        counts={outcome: group[prefix + outcome] for outcome in STATUSES},
    )


def _bands() -> dict[Place, Band]:
    """The rates of the four weeks before today, read at most every ten minutes."""
    today = business_date()
    return _bands_before.get(today, lambda: _read_bands(today))


def _read_bands(today: dt.date) -> dict[Place, Band]:
    start = bounds_of(today - dt.timedelta(weeks=WEEKS)).start
    days = (
        rows.real_attempts()
        .filter(created_at__gte=start, created_at__lt=bounds_of(today).start)
        .values(
            "method",
            "account__public_id",
            day=TruncDate("created_at", tzinfo=timezone.get_default_timezone()),
        )
        .order_by()
        .annotate(**_counts())
    )
    found: dict[Place, list[int]] = {}
    for day in days:
        one = _ended({"account__name": "", **day}, "")
        if one.rate_bp is not None and one.ended >= ENOUGH:
            found.setdefault((one.method, one.account), []).append(one.rate_bp)
    return {place: Band(min(rates), max(rates)) for place, rates in found.items()}
