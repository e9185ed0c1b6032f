"""The one question after a call: to whom it is put, and what is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit, locks
from core.locks import Rank
from crm.contact_values import can_get_texts
from crm.errors import ChoiceUnknown, QuestionOver
from crm.models import Call, Consent, ContactPoint, Customer, Feedback
from crm.models.customers import Channel
from crm.models.feedback import BEST, WORDS_LENGTH, WORST
from crm.services import consents, messages, timeline
from crm.services.rows import locked

if TYPE_CHECKING:
    import datetime as dt

    from core.models import User

KIND = "feedback_request"
JOB = "forget_words"
CUSTOMER = "customer"
"""Who answers, in the audit: whoever holds the link is taken for the customer."""
EVIDENCE = "said on the page of the question after a call"

Withheld = Feedback.Withheld


@transaction.atomic
def ask(*, call: Call, actor: User, withheld: str = "") -> Feedback | None:
    """Ask how a call went, in the transaction of its wrap-up, or write down why nobody is asked.

    `withheld` is the agent's reason not to ask. Safe to repeat: the first word on a call
    stands. Nobody is asked, and nothing written, where the customer is unknown, the call was
    not answered, or questions are switched off. Raises ChoiceUnknown.
    """
    if withheld and withheld not in Feedback.BY_AGENTS:
        raise ChoiceUnknown("feedback", value="")
    if call.customer_id is None or not may_ask(call):
        return None
    # Two calls of one customer that are wrapped up at once wait for each other here.
    customer = locked(call.customer_id)
    locks.one(Rank.CALL, Call.objects.filter(pk=call.pk))
    known = Feedback.objects.filter(call=call).first()
    return known or _ask(call, customer, actor, withheld)


def may_ask(call: Call) -> bool:
    """Whether there is anybody to ask about a call. Asks no database; the rest is for `ask`."""
    is_talk = call.customer_id is not None and call.answered_at is not None
    return is_talk and settings.FEEDBACK_EVERY_DAYS > 0


@transaction.atomic
def answer(*, feedback: Feedback, score: int, words: str | None = None) -> Feedback:
    """Take the customer's answer. A later one changes it; without words those said stay.

    Safe to repeat. Raises QuestionOver after the end, and ChoiceUnknown for no such score.
    """
    if not WORST <= score <= BEST:
        raise ChoiceUnknown("score", value="")
    # Two answers at once wait for each other here: the later one stands, whole.
    locks.one(Rank.CALL, Call.objects.filter(pk=feedback.call_id))
    kept = Feedback.objects.get(pk=feedback.pk)
    if not kept.is_open:
        raise QuestionOver
    said = kept.words if words is None else words[:WORDS_LENGTH]
    if (kept.score, kept.words) == (score, said):
        return kept
    is_changed = kept.answered_at is not None
    kept.score, kept.words, kept.answered_at = score, said, timezone.now()
    kept.save(update_fields=["score", "words", "answered_at"])
    timeline.keep(
        kept.customer_id, "feedback.answered", object_id=kept.public_id, data={"score": score}
    )
    audit.record(
        CUSTOMER,
        "feedback.changed" if is_changed else "feedback.answered",
        kept,
        after={"score": str(score), "words": said},
    )
    return kept


@transaction.atomic
def forbid(*, feedback: Feedback) -> None:
    """Ask this customer no more: kept as a consent that was refused. Safe to repeat."""
    customer = locked(feedback.customer_id)
    if not _has_forbidden(customer):
        consents.record_consent(
            customer=customer,
            purpose=Consent.Purpose.FEEDBACK,
            is_given=False,
            evidence=EVIDENCE,
            actor=CUSTOMER,
        )


def forget_words(*, before: dt.datetime) -> int:
    """Blank what customers wrote before an instant; scores stay. Returns how many were blanked."""
    old = Feedback.objects.filter(answered_at__lt=before).exclude(words="")
    return old.update(words="")


def forget_words_of(customer: Customer) -> int:
    """Blank everything that one customer wrote, for those who ask to be forgotten."""
    return Feedback.objects.filter(customer=customer).exclude(words="").update(words="")


def _ask(call: Call, customer: Customer, actor: User, withheld: str) -> Feedback:
    place = _place_of(customer, call)
    why = withheld or _reason_not_to(call, customer, has_place=place is not None)
    now = timezone.now()
    feedback = Feedback.objects.create(
        call=call,
        customer=customer,
        agent=actor,
        withheld=why,
        expires_at=None if why else now + timedelta(days=settings.FEEDBACK_VALID_DAYS),
    )
    if place is not None and not why:
        channel, destination = place
        messages.queue(
            cause=feedback.public_id,
            kind=KIND,
            channel=channel,
            destination=destination,
            customer_id=customer.pk,
            language=customer.language,
            data={"feedback": feedback.public_id},
        )
    what = "feedback.withheld" if why else "feedback.asked"
    audit.record(actor, what, feedback, after={"why": why}, reason=why)
    return feedback


def _reason_not_to(call: Call, customer: Customer, *, has_place: bool) -> str:
    """Why this customer is not asked about this call, or nothing."""
    if _length(call) < timedelta(seconds=settings.FEEDBACK_SHORTEST_CALL_SECONDS):
        return Withheld.TOO_SHORT
    if _has_forbidden(customer):
        return Withheld.FORBIDDEN
    lately = timezone.now() - timedelta(days=settings.FEEDBACK_EVERY_DAYS)
    if Feedback.objects.asked().filter(customer=customer, created_at__gt=lately).exists():
        return Withheld.ASKED_LATELY
    return "" if has_place else Withheld.UNREACHABLE


def _length(call: Call) -> timedelta:
    if call.answered_at is None:
        return timedelta()
    return (call.ended_at or timezone.now()) - call.answered_at


def _has_forbidden(customer: Customer) -> bool:
    """Whether the customer's latest word is no. Silence allows it: it advertises nothing."""
    words = customer.consents.filter(purpose=Consent.Purpose.FEEDBACK).order_by("-id")
    latest = words.first()
    return latest is not None and not latest.is_given


def _place_of(customer: Customer, call: Call) -> tuple[str, str] | None:
    """Channel and address: the preferred channel, and on it the number that was on the line."""
    places = [
        (Channel.SMS if point.kind == ContactPoint.Kind.PHONE else Channel.EMAIL, point)
        for point in customer.contact_points.order_by("-is_primary", "pk")
        if point.kind == ContactPoint.Kind.EMAIL or can_get_texts(point.value)
    ]
    preferred = customer.preferred_channel or Channel.SMS
    places.sort(key=lambda one: (one[0] != preferred, one[1].value != call.their_number))
    return (places[0][0], places[0][1].value) if places else None
