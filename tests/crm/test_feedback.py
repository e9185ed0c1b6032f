"""One question after a call: put once, to whom it may be, and answered once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import AuditEvent
from crm.errors import ChoiceUnknown, QuestionOver
from crm.message_texts import render_feedback_request
from crm.models import Consent, ContactPoint, Feedback, OutgoingMessage, TimelineEntry, WrapUp
from crm.services import consents, feedback, merging, timeline, wrap_ups
from crm.tasks import forget_words
from tests.clients import signed_in
from tests.factories.calls import ring, tell
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory
from tests.factories.feedback import answered, asked, caller, ended, moved, talk, wrapped_up

if TYPE_CHECKING:
    from pytest_django import Settings

    from crm.models import Customer

pytestmark = pytest.mark.django_db


def why_not(customer: Customer, **how: Any) -> str:
    """Why a customer is not asked after another call; nothing where the question went out."""
    before = OutgoingMessage.objects.count()
    made = Feedback.objects.get(call=wrapped_up(talk(customer, **how)))
    assert OutgoingMessage.objects.count() - before == (0 if made.withheld else 1)
    return made.withheld


def test_a_saved_wrap_up_asks_once_in_the_language_of_the_customer() -> None:
    customer = caller(language="sv")
    call = talk(customer)

    wrapped_up(call)
    wrapped_up(call, "promised")

    question, message = Feedback.objects.get(), OutgoingMessage.objects.get()
    assert (question.customer, question.agent, question.withheld) == (customer, call.agent, "")
    assert (message.kind, message.channel, message.language) == ("feedback_request", "sms", "sv")
    assert message.destination == call.their_number
    assert (message.cause, message.data) == (question.public_id, {"feedback": question.public_id})
    assert AuditEvent.objects.filter(action="feedback.asked").count() == 1


def test_a_draft_asks_nobody() -> None:
    call = talk(caller())
    assert call.agent is not None

    wrap_ups.keep_draft(call=call, outcome="paid", note="", actor=call.agent)

    assert not Feedback.objects.exists()


def test_a_wrap_up_that_is_refused_asks_nobody() -> None:
    call = talk(caller())

    client = signed_in(call.agent)  # type: ignore[arg-type]
    answer = client.post(f"/calls/{call.public_id}/wrap-up/", {"outcome": "no_such_thing"})

    assert answer.status_code == 422
    assert not Feedback.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_the_reason_of_an_agent_who_does_not_want_it_is_kept() -> None:
    call = talk(caller())

    client = signed_in(call.agent)  # type: ignore[arg-type]
    client.post(f"/calls/{call.public_id}/wrap-up/", {"outcome": "paid", "unasked": "unsuitable"})

    question = Feedback.objects.get()
    assert (question.withheld, question.expires_at) == ("unsuitable", None)
    assert not OutgoingMessage.objects.exists()
    assert AuditEvent.objects.get(action="feedback.withheld").reason == "unsuitable"


@pytest.mark.parametrize("reason", ["too_short", "no such reason"])
def test_an_agent_gives_no_reason_that_is_not_an_agents(reason: str) -> None:
    call = talk(caller())

    client = signed_in(call.agent)  # type: ignore[arg-type]
    answer = client.post(
        f"/calls/{call.public_id}/wrap-up/", {"outcome": "paid", "unasked": reason}
    )

    assert answer.status_code == 422
    with pytest.raises(ChoiceUnknown):
        feedback.ask(call=call, actor=call.agent, withheld=reason)  # type: ignore[arg-type]
    assert not Feedback.objects.exists()
    assert not WrapUp.objects.exists()


def test_a_short_call_is_not_asked_about(settings: Settings) -> None:
    settings.FEEDBACK_SHORTEST_CALL_SECONDS = 45

    assert why_not(caller(), seconds=44) == "too_short"
    assert why_not(caller(), seconds=45) == ""


def test_a_customer_is_asked_once_in_so_many_days(settings: Settings) -> None:
    settings.FEEDBACK_EVERY_DAYS = 30
    customer = caller()
    first = Feedback.objects.get(call=wrapped_up(talk(customer)))

    assert why_not(customer) == "asked_lately"
    moved(first, created_at=timezone.now() - timedelta(days=30, minutes=1))
    assert why_not(customer) == ""


def test_a_question_that_was_not_put_stops_no_later_one() -> None:
    customer = caller()

    assert why_not(customer, seconds=5) == "too_short"
    assert why_not(customer) == ""


def test_who_forbade_it_is_not_asked_and_may_allow_it_again() -> None:
    customer = caller()

    feedback.forbid(feedback=asked())
    for allowed, wanted in [(False, "forbidden"), (True, "")]:
        consents.record_consent(
            customer=customer,
            purpose=Consent.Purpose.FEEDBACK,
            is_given=allowed,
            evidence="said on the phone",
            actor="test",
        )
        assert why_not(customer) == wanted


def test_forbidding_is_written_down_once() -> None:
    question = asked()

    feedback.forbid(feedback=question)
    feedback.forbid(feedback=question)

    consent = Consent.objects.get()
    assert (consent.customer, consent.purpose, consent.is_given) == (
        question.customer,
        "feedback",
        False,
    )


def test_a_landline_gets_no_text_and_an_address_gets_a_letter() -> None:
    customer = CustomerFactory.create(phone="+358942419000")

    assert why_not(customer) == "unreachable"
    ContactPoint.objects.create(customer=customer, kind="email", value="aino@example.com")
    assert why_not(customer) == ""
    assert OutgoingMessage.objects.get().destination == "aino@example.com"


def test_the_preferred_channel_is_used_and_on_it_the_number_that_was_on_the_line() -> None:
    customer = caller()
    second = "+358449876543"
    ContactPoint.objects.create(customer=customer, kind="phone", value=second)
    ContactPoint.objects.create(customer=customer, kind="email", value="aino@example.com")
    call = tell(tell(ring(agent(), second), "answered", 1), "ended", 90)

    wrapped_up(call)
    assert OutgoingMessage.objects.get().destination == second

    Feedback.objects.update(created_at=timezone.now() - timedelta(days=99))
    customer.preferred_channel = "email"
    customer.save()
    why_not(customer)
    assert OutgoingMessage.objects.latest("pk").destination == "aino@example.com"


def test_nobody_known_nobody_reached_and_nobody_at_all_when_switched_off(
    settings: Settings,
) -> None:
    unknown = tell(tell(ring(agent(), "+358501112223"), "answered", 1), "ended", 90)
    wrapped_up(unknown)
    missed = tell(ring(agent(), caller().contact_points.get().value), "ended", 90)
    assert feedback.ask(call=missed, actor=agent()) is None
    settings.FEEDBACK_EVERY_DAYS = 0
    wrapped_up(talk(caller()))

    assert not Feedback.objects.exists()


def test_an_answer_is_told_on_the_timeline_and_on_the_page_of_the_call() -> None:
    question = answered(2, "Waited too long")

    entry = TimelineEntry.objects.get(kind="feedback.answered")
    page = signed_in(agent()).get(f"/calls/{question.call.public_id}/").content.decode()
    assert timeline.describe(entry) == "How the call went: 2 of 5"
    assert "How the call went: 2 of 5. “Waited too long”" in page
    assert "Asked how it went" in page


def test_why_nobody_was_asked_stands_on_the_page_of_the_call() -> None:
    call = wrapped_up(talk(caller()), unasked="declined")

    page = signed_in(agent()).get(f"/calls/{call.public_id}/").content.decode()

    assert "Not asked how it went: the customer does not want it" in page


def test_another_answer_changes_the_first_one_and_adds_none() -> None:
    question = answered(2, "Waited too long")

    feedback.answer(feedback=question, score=4)
    feedback.answer(feedback=question, score=4)

    question.refresh_from_db()
    assert (question.score, question.words) == (4, "Waited too long")
    assert Feedback.objects.count() == TimelineEntry.objects.filter(kind__startswith="fee").count()
    assert AuditEvent.objects.filter(action="feedback.answered").count() == 1
    assert AuditEvent.objects.filter(action="feedback.changed").count() == 1


def test_a_card_number_in_the_words_is_masked_before_it_is_stored() -> None:
    question = answered(5, "My card is 4111 1111 1111 1111, thanks")

    question.refresh_from_db()
    assert "4111 1111" not in question.words
    assert "1111" in question.words


def test_after_its_end_a_question_takes_no_answer_and_changes_none() -> None:
    late, known = ended(asked()), ended(answered(3, "fine"))

    for question in (late, known):
        with pytest.raises(QuestionOver):
            feedback.answer(feedback=question, score=1, words="bad")

    late.refresh_from_db()
    known.refresh_from_db()
    assert (late.score, late.words) == (None, "")
    assert (known.score, known.words) == (3, "fine")


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_from_one_to_five(score: int) -> None:
    question = asked()

    with pytest.raises(ChoiceUnknown):
        feedback.answer(feedback=question, score=score)
    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.update(score=score, answered_at=timezone.now())

    question.refresh_from_db()
    assert question.score is None


def test_the_database_keeps_one_a_call_and_no_answer_without_a_question() -> None:
    question = asked()
    withheld = wrapped_up(talk(caller()), unasked="declined").feedback

    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.create(
            call=question.call,
            customer=question.customer,
            agent=question.agent,
            withheld="declined",
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.filter(pk=withheld.pk).update(score=5, answered_at=timezone.now())


def test_it_follows_a_merge_and_comes_back() -> None:
    question = answered(5)
    target = CustomerFactory.create()

    merge = merging.merge_customers(source=question.customer, target=target, actor="test")
    moved_to = Feedback.objects.get().customer_id
    merging.unmerge_customers(merge, "test")

    assert moved_to == target.pk
    assert Feedback.objects.get().customer_id == question.customer_id


def test_old_words_are_forgotten_once_a_day_and_scores_stay(settings: Settings) -> None:
    settings.FEEDBACK_WORDS_DAYS = 365
    old, new = answered(4, "old"), answered(4, "new")
    moved(old, answered_at=timezone.now() - timedelta(days=366))

    forget_words()
    forget_words()

    assert [(row.score, row.words) for row in Feedback.objects.order_by("pk")] == [
        (4, ""),
        (4, "new"),
    ]
    assert feedback.forget_words_of(new.customer) == 1
    settings.FEEDBACK_WORDS_DAYS = 0
    forget_words()


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_the_message_says_who_asks_and_where_to_answer(language: str, settings: Settings) -> None:
    settings.MERCHANT_NAME = "Pohjolan Kuitu Oy"
    asked()
    message = OutgoingMessage.objects.get()

    rendered = render_feedback_request(message)
    message.channel = "email"
    letter = render_feedback_request(message)

    assert "Pohjolan Kuitu Oy" in rendered.text
    assert f"{settings.PUBLIC_URL}/feedback/fb_" in rendered.text
    assert (bool(rendered.html), bool(letter.html)) == (False, True)
    assert len(rendered.text) <= 160


def test_the_form_offers_it_where_there_is_somebody_to_ask(settings: Settings) -> None:
    call = talk(caller())
    client = signed_in(call.agent)  # type: ignore[arg-type]

    offered = client.get("/wrap-ups/").content.decode()
    settings.FEEDBACK_EVERY_DAYS = 0
    switched_off = client.get("/wrap-ups/").content.decode()

    assert 'name="unasked" data-key="0"' in offered
    assert "unasked" not in switched_off
