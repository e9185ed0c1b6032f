"""What payments tells on a call's page: every rail of the call, refunds and messages included."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from core.money import Money
from core.writing import write_money
from crm.call_story import Step, Topic
from payments import desk, rail_steps
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentEvent,
    PaymentIntent,
    Refund,
    SurplusMove,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crm.models import Call

MOST_INTENTS = 20
MOST_EVENTS = 500
MADE_DURING = (PaymentIntent, CheckoutSession, Refund, SurplusMove)


def tell(call: Call) -> list[Step]:
    """Every step of the payments that were made or touched during a call, since it began."""
    intents = _intents_of(call)
    found = PaymentEvent.objects.filter(intent__in=intents, created_at__gte=call.created_at)
    by_intent: defaultdict[int, list[PaymentEvent]] = defaultdict(list)
    for event in found.order_by("pk")[:MOST_EVENTS]:
        by_intent[event.intent_id].append(event)
    steps = [step for intent in intents for step in _rail(intent, by_intent[intent.pk])]
    return [*steps, *_refunds(call)]


def topics(call: Call) -> list[Topic]:
    """The payments whose news belong on the call's page."""
    return [Topic(f"intent:{one.public_id}", one.version) for one in _intents_of(call)]


def taken(call: Call) -> Money | None:
    """What was taken during a call, where it was taken in one currency."""
    during = Q(attempt__call=call) | Q(attempt__intent__call=call)
    own = Q(attempt__intent__customer=call.customer_id)
    captured = Capture.objects.filter(during, own, captured__gt=0).order_by()
    sums = list(captured.values_list("currency").annotate(taken=Sum("captured"))[:2])
    return Money(int(sums[0][1]), sums[0][0]) if len(sums) == 1 else None


def grown(call_ids: Sequence[int]) -> dict[int, int]:
    """How many payments, links, refunds and moves were made during each call: it only grows."""
    found: defaultdict[int, int] = defaultdict(int)
    made = (model.objects.filter(call__in=call_ids).order_by() for model in MADE_DURING)
    first, *others = (rows.values_list("call").annotate(count=Count("pk")) for rows in made)
    for call_id, count in first.union(*others, all=True):
        found[call_id] += count
    return dict(found)


def _intents_of(call: Call) -> list[PaymentIntent]:
    """Payments of a call: asked for in it, or paid or given back in it. Read once a page."""
    kept: list[PaymentIntent] | None = getattr(call, "_payments", None)
    if kept is None:
        sessions = CheckoutSession.objects.filter(call=call).values("intent")
        refunds = Refund.objects.filter(call=call).values("capture__attempt__intent")
        moves = SurplusMove.objects.filter(call=call).values("intent")
        of_call = Q(call=call) | Q(pk__in=sessions) | Q(pk__in=refunds) | Q(pk__in=moves)
        kept = list(PaymentIntent.objects.filter(of_call).order_by("pk")[:MOST_INTENTS])
        call._payments = kept  # type: ignore[attr-defined] # noqa: SLF001 - a note for this page
    return kept


def _rail(intent: PaymentIntent, events: Sequence[PaymentEvent]) -> Iterator[Step]:
    story = rail_steps.read(desk.said(events), write_money)
    for step in story.steps:
        if step.at is not None:
            yield Step(step.at, f"{step.text} · {write_money(intent.money)}", step.tone)


def _refunds(call: Call) -> Iterator[Step]:
    for refund in Refund.objects.filter(call=call).order_by("pk"):
        amount = write_money(Money(refund.amount, refund.currency))
        yield Step(refund.created_at, _("Refund of %(amount)s asked for") % {"amount": amount})
