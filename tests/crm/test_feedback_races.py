"""Questions and answers that come at once, each lock with its anti-test."""

from __future__ import annotations

from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError

from core import locks
from crm.models import Call, Customer, Feedback, OutgoingMessage, TimelineEntry
from crm.services import feedback, timeline
from tests.factories.feedback import asked, caller, talk
from tests.orders.threads import race

pytestmark = pytest.mark.django_db(transaction=True)


def calls_of_one_customer() -> list[partial[str]]:
    """Eight calls of one customer that are wrapped up at once."""
    customer = caller()
    return [partial(ask, talk(customer).pk) for _ in range(8)]


def ask(call_id: int) -> str:
    call = Call.objects.get(pk=call_id)
    assert call.agent is not None
    made = feedback.ask(call=call, actor=call.agent)
    assert made is not None
    return made.withheld


def test_of_eight_calls_wrapped_up_at_once_one_asks_the_customer() -> None:
    answers = race(calls_of_one_customer())

    assert sorted(answers) == ["", *["asked_lately"] * 7]
    assert OutgoingMessage.objects.count() == 1


def test_without_the_lock_the_customer_would_be_asked_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The anti-test: all look before any of them writes."""
    meeting = Barrier(8)
    looked = feedback._reason_not_to

    def look_together(*args: object, **kwargs: object) -> str:
        why = looked(*args, **kwargs)  # type: ignore[arg-type]
        meeting.wait(10)
        return why

    monkeypatch.setattr(feedback, "_reason_not_to", look_together)
    monkeypatch.setattr(feedback, "locked", lambda pk: Customer.objects.get(pk=pk))

    answers = race(calls_of_one_customer())

    assert answers == [""] * 8
    assert OutgoingMessage.objects.count() == 8


def test_one_call_wrapped_up_by_eight_clicks_asks_once() -> None:
    call = talk(caller())

    answers = race([partial(ask, call.pk) for _ in range(8)])

    assert answers == [""] * 8
    assert (Feedback.objects.count(), OutgoingMessage.objects.count()) == (1, 1)


def test_without_the_locks_the_database_would_have_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The anti-test: the unique key of the call stands behind the locks."""
    monkeypatch.setattr(feedback, "locked", lambda pk: Customer.objects.get(pk=pk))
    monkeypatch.setattr(locks, "one", lambda _rank, rows: rows.get())
    call, meeting = talk(caller()), Barrier(8)
    known = feedback._ask

    def ask_together(*args: object) -> Feedback:
        meeting.wait(10)
        return known(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(feedback, "_ask", ask_together)

    def attempt() -> str:
        try:
            return ask(call.pk)
        except IntegrityError:
            return "refused by the database"

    answers = race([attempt] * 8)

    assert answers.count("refused by the database") == 7
    assert Feedback.objects.count() == 1


def test_answers_at_once_leave_one_whole_answer() -> None:
    question = asked()

    race([partial(answer, question, score) for score in (1, 2, 3, 4, 5, 1, 2, 3)])

    kept = Feedback.objects.get()
    entry = TimelineEntry.objects.get(kind="feedback.answered")
    assert kept.words == f"words of {kept.score}"
    assert entry.data == {"score": kept.score}


def test_without_the_lock_one_answer_would_be_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The anti-test: all find no answer yet, and each tells of a first one."""
    monkeypatch.setattr(locks, "one", lambda _rank, rows: rows.get())
    question, meeting = asked(), Barrier(2)
    keep = timeline.keep

    def keep_together(*args: object, **told: object) -> None:
        meeting.wait(10)
        keep(*args, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(timeline, "keep", keep_together)
    monkeypatch.setattr(Feedback, "save", lambda *_args, **_kwargs: None)

    race([partial(answer, question, score) for score in (1, 5)])

    assert TimelineEntry.objects.filter(kind="feedback.answered").count() == 2


def answer(question: Feedback, score: int) -> None:
    feedback.answer(feedback=question, score=score, words=f"words of {score}")
