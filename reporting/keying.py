"""Whether recordings were paused while cards were keyed: one row for each time.

On a page that an agent opened, or on the customer's phone while a keypad listened. A recording
that ran meanwhile is an incident, for it may hold the card's security code, which nobody may
keep (PCI DSS 3.3.1.2), unless the gateway promises that its digits are masked. Without a call
it is one, too.
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
    MASKED = "masked", _("recorded, digits masked")
    NO_CALL = "no_call", _("no call")


@dataclass(frozen=True, slots=True)
class Keying:
    """One time that a card could be keyed: from when until when, and how much is recorded."""

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
        if not self.recorded:
            return Verdict.COVERED
        return Verdict.MASKED if self.session.is_masked else Verdict.UNCOVERED

    @property
    def is_by_customer(self) -> bool:
        """Whether the customer keyed the card on the phone, not the agent on a page."""
        return self.session.kind == CheckoutSession.Kind.KEYPAD

    @property
    def is_incident(self) -> bool:
        return self.verdict not in {Verdict.COVERED, Verdict.MASKED}


def of_days(first: dt.date, last: dt.date) -> list[Keying]:
    """Return when cards were keyed, from one day to another, the newest first. Two queries."""
    pages = CheckoutSession.objects.filter(
        kind__in=(CheckoutSession.Kind.KEYED, CheckoutSession.Kind.KEYPAD),
        opened_at__gte=bounds_of(first).start,
        opened_at__lt=bounds_of(last).end,
        intent__customer__is_practice=False,
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
