"""How calls went, as customers said: figures of a span of days, and the rows behind them.

A question belongs to the day on which it was asked, whenever it was answered, so that an
answer never changes how many were asked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum, TextChoices
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.jobs import business_date
from core.models import User
from crm.feedback_story import POOR
from crm.models import Feedback, OutcomeCode
from crm.models.feedback import BEST, WORST
from reporting.days import bounds_of
from reporting.figures import WHOLE

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

SCORES = range(WORST, BEST + 1)
MOST_DAYS = 92
OUTCOME_KEY = "call__wrap_up__outcome__key"


class Which(TextChoices):
    """Rows that are counted together."""

    ASKED = "asked", _("asked")
    ANSWERED = "answered", _("answered")
    WRITTEN = "written", _("with words")
    WITHHELD = "withheld", _("not asked")


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day, narrowed to an agent, an outcome or a score where given."""

    first: dt.date
    last: dt.date
    agent: str = ""
    outcome: str = ""
    score: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many were asked, and how often each score was given."""

    asked: int
    total: int
    counts: dict[int, int] = field(hash=False)
    key: str = ""
    name: str = ""

    @property
    def answered(self) -> int:
        return sum(self.counts.values())

    @property
    def as_day(self) -> dt.date:
        """The day of a group that is one. Raises ValueError for the others."""
        return dt.date.fromisoformat(self.key)

    @property
    def mean_hundredths(self) -> int | None:
        """The mean of the scores in hundredths, halves rounded up; None without answers."""
        return _part(self.total * 100, self.answered)

    @property
    def rate_bp(self) -> int | None:
        """Answered out of asked, in basis points; None where nobody was asked."""
        return _part(self.answered * WHOLE, self.asked)

    def share_bp(self, score: int) -> int:
        """How much of all answers a score is, in basis points."""
        return _part(self.counts[score] * WHOLE, self.answered) or 0


def rows(span: Span, which: str = "") -> QuerySet[Feedback]:
    """Questions of a span: asked, answered, answered with words, or left unasked."""
    found = Feedback.objects.filter(
        created_at__gte=bounds_of(span.first).start,
        created_at__lt=bounds_of(span.last).end,
        customer__is_practice=False,
    )
    narrowed = {
        "agent__public_id": span.agent,
        OUTCOME_KEY: span.outcome,
        "score": span.score,
    }
    return found.filter(_counted_as(which), **{key: to for key, to in narrowed.items() if to})


def poor_today() -> QuerySet[Feedback]:
    """Answers of unhappy customers that came, or were changed, today."""
    bounds = bounds_of(business_date())
    return Feedback.objects.filter(
        answered_at__gte=bounds.start,
        answered_at__lt=bounds.end,
        score__lte=POOR,
        customer__is_practice=False,
    )


def total(span: Span) -> Answers:
    """Return the figures of a whole span. One query."""
    return _read(rows(span, Which.ASKED), "")[0]


def by_day(span: Span) -> list[Answers]:
    """Return the figures day by day, the newest first. One query."""
    day = TruncDate("created_at", tzinfo=timezone.get_default_timezone())
    found = _read(rows(span, Which.ASKED).annotate(day=day), "day")
    return sorted(found, key=lambda one: one.key, reverse=True)


def by_agent(span: Span) -> list[Answers]:
    """Return the figures of each agent, by name. Two queries."""
    found = _read(rows(span, Which.ASKED), "agent__public_id")
    agents = User.objects.filter(public_id__in=[one.key for one in found])
    return _named(found, {agent.public_id: str(agent) for agent in agents})


def by_outcome(span: Span) -> list[Answers]:
    """Return the figures of each outcome code, named in the reader's language. Two queries."""
    found = _read(rows(span, Which.ASKED), OUTCOME_KEY)
    codes = OutcomeCode.objects.filter(key__in=[one.key for one in found]).order_by("-queue")
    return _named(found, {code.key: code.name for code in codes})


def withheld(span: Span) -> list[tuple[str, int]]:
    """Return why customers were not asked and how often, the most frequent first. One query."""
    found = rows(span, Which.WITHHELD).values("withheld").order_by().annotate(count=Count("pk"))
    words = dict(Feedback.Withheld.choices)
    counts = [(str(words[row["withheld"]]), row["count"]) for row in found]
    return sorted(counts, key=lambda one: -one[1])


def _read(asked: QuerySet[Feedback], group: str) -> list[Answers]:
    """One row a group; the whole as one row where no group is named."""
    counts = {f"of_{score}": Count("pk", filter=Q(score=score)) for score in SCORES}
    figures = {"asked": Count("pk"), "total": Coalesce(Sum("score"), 0), **counts}
    ordered = asked.order_by()
    found = ordered.values(group).annotate(**figures) if group else [ordered.aggregate(**figures)]
    return [
        Answers(
            asked=row["asked"],
            total=row["total"],
            counts={score: row[f"of_{score}"] for score in SCORES},
            key=str(row.get(group) or ""),
        )
        for row in found
    ]


def _named(found: list[Answers], names: dict[str, str]) -> list[Answers]:
    named = [replace(one, name=names.get(one.key, one.key)) for one in found]
    return sorted(named, key=lambda one: one.name.casefold())


def _counted_as(which: str) -> Q:
    return {
        "": Q(),
        Which.ASKED: Q(withheld=""),
        Which.ANSWERED: Q(answered_at__isnull=False),
        Which.WRITTEN: Q(answered_at__isnull=False) & ~Q(words=""),
        Which.WITHHELD: ~Q(withheld=""),
    }[which]


def _part(value: int, of: int) -> int | None:
    """A part of a whole, halves rounded up."""
    return (2 * value + of) // (2 * of) if of else None
