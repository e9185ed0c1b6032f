"""Wrap-ups: suggested from what happened, kept while they are typed, saved with one key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from core.models import AuditEvent
from crm import wrapping
from crm.errors import NotYourCall, OutcomeNotOffered
from crm.models import Call, OutcomeCode, Task, WrapUp
from crm.services import wrap_ups
from crm.wrapping import Deed
from tests.clients import signed_in
from tests.factories.calls import ring, tell
from tests.factories.core import agent

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from core.models import User

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def user() -> User:
    return agent()


@pytest.fixture
def client(user: User) -> Client:
    return signed_in(user)


@pytest.fixture
def call(user: User) -> Call:
    return ended(user)


def ended(user: User, *, answered: bool = True) -> Call:
    """A call of a person's that has just ended."""
    call = ring(user)
    if answered:
        call = tell(call, "answered", 1)
    return tell(call, "ended", 40)


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> list[Deed]:
    """What was done during every call, instead of what the apps above tell."""
    told: list[Deed] = []
    monkeypatch.setattr(wrapping, "_tellers", [lambda _call: told])
    return told


def deed(outcome: str, sentence: str, minutes_ago: int = 0) -> Deed:
    return Deed(timezone.now() - timedelta(minutes=minutes_ago), outcome, sentence)


def post(client: Client, call: Call, path: str = "", **data: str) -> Any:
    return client.post(f"/calls/{call.public_id}/wrap-up/{path}", data, headers=HTMX)


def test_the_outcome_is_suggested_and_the_note_drafted(call: Call, deeds: list[Deed]) -> None:
    deeds += [deed("paid", "Paid €10.00."), deed("link_sent", "Sent a link.", minutes_ago=2)]

    proposal = wrap_ups.proposal_of(call)

    assert proposal.outcome == "paid"
    assert proposal.note == "Sent a link.\nPaid €10.00."
    assert not proposal.is_saved


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        (["link_sent", "promised"], "promised"),
        (["paid", "refunded"], "refunded"),
        ([], "answered_question"),
    ],
)
def test_what_matters_most_names_the_call(
    call: Call, deeds: list[Deed], happened: list[str], wanted: str
) -> None:
    deeds += [deed(outcome, outcome) for outcome in happened]

    assert wrap_ups.proposal_of(call).outcome == wanted


def test_a_code_that_is_not_offered_is_not_suggested(call: Call, deeds: list[Deed]) -> None:
    OutcomeCode.objects.filter(key="paid").update(is_enabled=False)
    deeds += [deed("paid", "Paid."), deed("link_sent", "Sent.")]

    assert wrap_ups.proposal_of(call).outcome == "link_sent"


def test_a_queue_with_codes_of_its_own_shows_those(user: User) -> None:
    OutcomeCode.objects.create(
        key="fault", queue="+358100", place=1, name_en="Fault", name_fi="Vika", name_sv="Fel"
    )
    call = ended(user)
    Call.objects.filter(pk=call.pk).update(our_number="+358100")
    call.refresh_from_db()

    assert [code.key for code in wrap_ups.codes_for(call)] == ["fault"]
    assert len(wrap_ups.codes_for(ended(user))) == 8


def test_a_ninth_code_has_no_place() -> None:
    names = {"name_en": "x", "name_fi": "x", "name_sv": "x"}

    with pytest.raises(IntegrityError):
        OutcomeCode.objects.create(key="ninth", place=9, **names)


def test_a_draft_survives_and_saving_ends_the_waiting(
    client: Client, user: User, call: Call
) -> None:
    kept = post(client, call, "draft/", outcome="call_back", note="Rings on Mon")
    draft = wrap_ups.proposal_of(call)
    waiting = wrap_ups.waiting_for(user)
    saved = post(client, call, outcome="call_back", note="Rings on Monday")

    assert (kept.status_code, saved.status_code) == (204, 200)
    assert (draft.outcome, draft.note) == ("call_back", "Rings on Mon")
    assert waiting == call
    assert wrap_ups.waiting_for(user) is None
    assert WrapUp.objects.get().note == "Rings on Monday"
    assert AuditEvent.objects.filter(action="call.wrapped_up").count() == 1


def test_a_draft_that_comes_late_changes_nothing_that_was_saved(client: Client, call: Call) -> None:
    post(client, call, outcome="paid", note="final")

    post(client, call, "draft/", outcome="call_back", note="early")

    wrap_up = WrapUp.objects.get()
    assert (wrap_up.note, wrap_up.outcome and wrap_up.outcome.key) == ("final", "paid")


def test_saved_twice_is_one_wrap_up_and_changed_on_record(client: Client, call: Call) -> None:
    post(client, call, outcome="paid", note="one")
    post(client, call, outcome="paid", note="two")

    assert WrapUp.objects.get().note == "two"
    assert AuditEvent.objects.filter(action="call.wrap_up_changed").count() == 1


@pytest.mark.parametrize("outcome", ["", "no_such_thing"])
def test_without_a_code_nothing_is_saved(client: Client, call: Call, outcome: str) -> None:
    answer = post(client, call, outcome=outcome, note="typed")

    assert answer.status_code == 422
    assert "Choose how the call ended." in answer.content.decode()
    assert "typed" in answer.content.decode()
    assert not WrapUp.objects.exists()


def test_a_colleague_wraps_up_nothing(call: Call) -> None:
    other = agent()

    answer = post(signed_in(other), call, outcome="paid", note="mine")

    assert answer.status_code == 403
    assert not WrapUp.objects.exists()
    for act in (wrap_ups.save, wrap_ups.keep_draft):
        with pytest.raises(NotYourCall):
            act(call=call, outcome="paid", note="", actor=other)
    with pytest.raises(OutcomeNotOffered):
        wrap_ups.save(call=call, outcome="", note="", actor=call.agent)  # type: ignore[arg-type]


def test_a_card_number_in_a_note_is_masked(client: Client, call: Call) -> None:
    post(client, call, outcome="paid", note="card 4111 1111 1111 1111 read aloud")

    assert "4111 1111 1111 1111" not in WrapUp.objects.get().note


def test_calls_that_nobody_answered_or_that_are_long_over_do_not_wait(user: User) -> None:
    ended(user, answered=False)
    old = ended(user)
    Call.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(minutes=31))

    assert wrap_ups.waiting_for(user) is None


def test_the_form_comes_to_whatever_page_the_agent_is_on(client: Client, call: Call) -> None:
    page, part = client.get("/").content.decode(), client.get("/wrap-ups/").content.decode()

    assert 'hx-get="/wrap-ups/" hx-trigger="load"' in page
    assert "data-focus-if-idle" in part
    assert 'value="answered_question" checked' in part
    assert call.public_id in part


def test_the_next_call_comes_first_and_the_wrap_up_afterwards(
    client: Client, user: User, call: Call
) -> None:
    post(client, call, "draft/", outcome="paid", note="half a sentence")
    following = tell(ring(user), "answered", 41)
    during = client.get("/wrap-ups/").content.decode()
    tell(following, "ended", 50)
    wrap_ups.save(call=following, outcome="paid", note="", actor=user)

    after = client.get("/wrap-ups/").content.decode()

    assert "<form" not in during
    assert "half a sentence" in after


def test_nothing_waits_and_the_place_listens(client: Client, user: User) -> None:
    part = client.get("/wrap-ups/").content.decode()

    assert f'data-live-topic="calls:{user.public_id}"' in part
    assert "<form" not in part


def test_it_takes_few_statements(
    client: Client, call: Call, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        client.get("/wrap-ups/")


def test_usual_codes_are_written_once_and_then_left_alone() -> None:
    OutcomeCode.objects.filter(key="paid").update(name_en="Settled")

    wrap_ups.ensure_codes()

    assert OutcomeCode.objects.count() == 8
    assert OutcomeCode.objects.get(key="paid").name_en == "Settled"


def test_a_call_back_is_one_task_however_often_the_wrap_up_is_saved(
    client: Client, user: User, call: Call
) -> None:
    for _ in range(2):
        post(client, call, outcome="call_back", note="Wants an offer", call_back="tomorrow")

    task = Task.objects.get()
    assert (task.kind, task.assigned_to, task.text) == ("call_back", user, "Wants an offer")
    assert task.due_at > timezone.now()


def test_without_a_time_nobody_is_called_back(client: Client, call: Call) -> None:
    post(client, call, outcome="call_back", note="")
    refused = post(client, call, outcome="paid", note="", call_back="some day")

    assert refused.status_code == 422
    assert not Task.objects.exists()
