"""Whether recordings were paused while cards were keyed: one row for each page that was opened.

A recording that ran while an agent keyed a card is an incident, for it may hold the card's
security code, which nobody may keep (PCI DSS 3.3.1.2). Pages without a call are one, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.call_facts import Fact
from crm.models import CallEvent
from crm.recordings import Span, overlap, recorded
from payments.models import CheckoutSession
from reporting.days import bounds_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from crm.models import Call

MOST_DAYS = 92


class Verdict(TextChoices):
    """What a row proves."""

    COVERED = "covered", _("not recorded")
    UNCOVERED = "uncovered", _("recorded")
    NO_CALL = "no_call", _("no call")


@dataclass(frozen=True, slots=True)
class Keying:
    """One page on which a card was keyed: when it stood open, and how much of that is recorded."""

    session: CheckoutSession
    span: Span
    recorded: timedelta

    @property
    def call(self) -> Call | None:
        return self.session.call

    @property
    def verdict(self) -> Verdict:
        if self.call is None:
            return Verdict.NO_CALL
        return Verdict.UNCOVERED if self.recorded else Verdict.COVERED

    @property
    def is_incident(self) -> bool:
        return self.verdict is not Verdict.COVERED


def of_days(first: dt.date, last: dt.date) -> list[Keying]:
    """Return the pages that were opened from one day to another, the newest first. Two queries."""
    pages = CheckoutSession.objects.filter(
        kind=CheckoutSession.Kind.KEYED,
        opened_at__gte=bounds_of(first).start,
        opened_at__lt=bounds_of(last).end,
    )
    found = list(
        pages.select_related("call", "call__agent", "intent", "intent__agent").order_by(
            "-opened_at", "-pk"
        )
    )
    facts = _facts(page.call_id for page in found)
    return [_keying(page, facts[page.call_id]) for page in found]


def _keying(page: CheckoutSession, facts: list[Fact]) -> Keying:
    now = timezone.now()
    begins_at = page.opened_at or now
    span = Span(begins_at, max(begins_at, page.ended_at or min(now, page.expires_at)))
    return Keying(page, span, overlap(span, recorded(facts, now)))


def _facts(call_ids: Iterable[int | None]) -> defaultdict[int | None, list[Fact]]:
    facts: defaultdict[int | None, list[Fact]] = defaultdict(list)
    wanted = {pk for pk in call_ids if pk is not None}
    if not wanted:
        return facts
    for call_id, kind, at in CallEvent.objects.filter(call__in=wanted).values_list(
        "call_id", "kind", "at"
    ):
        facts[call_id].append(Fact(kind, at))
    return facts
