"""Made-up calls of the last weeks for the demo, with their wrap-ups and what customers said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.ids import make_public_id
from crm.models import Call, CallEvent, ContactPoint, Feedback, OutcomeCode, TimelineEntry, WrapUp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from random import Random

    from core.models import User
    from crm.models import PhoneSystem

CALLS = 90
DAYS = 28
SCORES, OF_TEN = (5, 4, 3, 2, 1), (5, 2, 1, 1, 1)
SHARE_ANSWERED, SHARE_WITH_WORDS = 0.45, 0.4
WORDS = {
    5: ("Nopeaa ja ystävällistä palvelua.", "Asia hoitui yhdellä soitolla.", "Tack för hjälpen!"),
    4: ("Hyvin meni, vaikka jonotin hetken.", "Linkki tuli heti."),
    3: ("Asia selvisi, mutta jouduin odottamaan.",),
    2: ("Sain kaksi eri vastausta samaan kysymykseen.",),
    1: ("Maksu piti yrittää kolmesti, eikä kukaan soittanut takaisin.",),
}


@transaction.atomic
def seed_calls(system: PhoneSystem, agents: Sequence[User], chance: Random) -> None:
    """Write calls that ended before today, one a customer, each with its wrap-up and question."""
    codes = list(OutcomeCode.objects.filter(queue="", is_enabled=True).order_by("place"))
    phones = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, is_primary=True)
    # Not the first customers: those are called in the demo, and nobody is asked twice.
    for point in phones.order_by("-pk")[:CALLS]:
        day = timezone.localtime() - timedelta(days=chance.randrange(1, DAYS))
        began_at = day.replace(hour=chance.randrange(8, 17), minute=chance.randrange(60))
        agent = chance.choice(agents)
        call = _call(system, agent, point, began_at, chance.randrange(30, 600))
        outcome = chance.choice(codes)
        WrapUp.objects.create(call=call, agent=agent, outcome=outcome, saved_at=call.ended_at)
        _ask(call, agent, point.customer_id, chance)


def _call(
    system: PhoneSystem, agent: User, point: ContactPoint, began_at: dt.datetime, seconds: int
) -> Call:
    instants = {
        CallEvent.Kind.RINGING: began_at,
        CallEvent.Kind.ANSWERED: began_at + timedelta(seconds=8),
        CallEvent.Kind.ENDED: began_at + timedelta(seconds=8 + seconds),
    }
    call = Call.objects.create(
        phone_system=system,
        external_id=make_public_id("seed"),
        status=Call.Status.ENDED,
        their_number=point.value,
        customer_id=point.customer_id,
        agent=agent,
        ringing_at=began_at,
        answered_at=instants[CallEvent.Kind.ANSWERED],
        ended_at=instants[CallEvent.Kind.ENDED],
        created_at=began_at,
    )
    CallEvent.objects.bulk_create(
        [
            CallEvent(
                call=call, kind=kind, at=at, agent=agent, dedupe_key=kind, direction="inbound"
            )
            for kind, at in instants.items()
        ]
    )
    return call


def _ask(call: Call, agent: User, customer_id: int, chance: Random) -> None:
    asked_at = (call.ended_at or timezone.now()) + timedelta(minutes=1)
    is_short = _seconds(call) < settings.FEEDBACK_SHORTEST_CALL_SECONDS
    feedback = Feedback(
        call=call,
        customer_id=customer_id,
        agent=agent,
        withheld=Feedback.Withheld.TOO_SHORT if is_short else "",
        expires_at=None if is_short else asked_at + timedelta(days=settings.FEEDBACK_VALID_DAYS),
        created_at=asked_at,
    )
    if not is_short and chance.random() < SHARE_ANSWERED:
        feedback.score = chance.choices(SCORES, OF_TEN)[0]
        if chance.random() < SHARE_WITH_WORDS:
            feedback.words = chance.choice(WORDS[feedback.score])
        feedback.answered_at = asked_at + timedelta(minutes=chance.randrange(2, 300))
        TimelineEntry.objects.create(
            customer_id=customer_id,
            kind="feedback.answered",
            at=feedback.answered_at,
            object_id=feedback.public_id,
            data={"score": feedback.score},
        )
    feedback.save()


def _seconds(call: Call) -> float:
    if call.ended_at is None or call.answered_at is None:
        return 0.0
    return (call.ended_at - call.answered_at).total_seconds()
