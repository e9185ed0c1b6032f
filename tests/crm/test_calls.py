"""Calls: taken in once, in any order, and found by whom they ring at."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core import live
from crm.models import Call, CallEvent
from crm.services import calls, timeline
from crm.services.customers import create_customer
from tests.factories.calls import (
    NUMBER,
    ExtensionFactory,
    PhoneSystemFactory,
    news,
    ring,
    tell,
)
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from core.models import User

pytestmark = pytest.mark.django_db


def line_of(user: User) -> int:
    return live.versions(user, [f"calls:{user.public_id}"])[f"calls:{user.public_id}"]


def test_a_ring_names_the_customer_who_alone_has_the_number() -> None:
    customer, user = CustomerFactory.create(phone=NUMBER), agent()

    call = ring(user, "040 123 4567")

    assert (call.customer, call.agent, call.their_number) == (customer, user, NUMBER)
    assert call.status == Call.Status.RINGING


def test_of_several_who_share_a_number_none_is_taken_for_the_caller() -> None:
    mother = CustomerFactory.create(name="Aino Mäkinen", phone=NUMBER)
    son = CustomerFactory.create(name="Eero Mäkinen", phone=NUMBER)

    call = ring(agent())

    assert call.customer is None
    assert calls.candidates(call) == [mother, son]


@pytest.mark.parametrize("number", ["+358501111111", "anonymous", "", "4111 1111 1111 1111"])
def test_an_unknown_caller_is_nobody(number: str) -> None:
    CustomerFactory.create(phone=NUMBER)

    call = ring(agent(), number)

    assert call.customer is None
    assert calls.candidates(call) == []
    assert "4111" not in call.their_number


def test_the_same_news_counts_once() -> None:
    user = agent()
    call = ring(user)
    told = news("answered", call.external_id, 5)

    for _ in range(3):
        call = calls.take_event(system=call.phone_system, news=told)

    assert (CallEvent.objects.count(), call.version, line_of(user)) == (2, 2, 2)


@pytest.mark.parametrize("seed", range(8))
def test_the_order_in_which_news_comes_cannot_matter(seed: int) -> None:
    customer, extension = CustomerFactory.create(phone=NUMBER), ExtensionFactory.create()
    ringing = {"their_number": NUMBER, "extension": extension.number, "direction": "inbound"}
    said = [
        news("ringing", second=0, **ringing),
        news("answered", second=4, extension=extension.number),
        news("recording_started", second=4),
        news("held", second=9),
        news("resumed", second=15),
        news("recording_paused", second=20),
        news("ended", second=50),
    ]
    Random(seed).shuffle(said)

    for one in [*said, *said]:
        call = calls.take_event(system=extension.phone_system, news=one)

    assert (call.status, call.recording) == ("ended", "paused")
    assert (call.customer, call.agent_id, call.version) == (customer, extension.user_id, 7)
    assert call.ended_at is not None
    assert call.answered_at is not None
    assert (call.ended_at - call.answered_at).seconds == 46
    assert [entry.kind for entry in timeline.newest(customer.pk)] == ["call.inbound"]


def test_the_call_on_the_line_comes_before_the_one_that_rings(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = agent()
    first = tell(ring(user), "answered")
    second = ring(user)

    with django_assert_num_queries(1):
        assert list(calls.live_calls(user)) == [first, second]
        assert first.customer is None

    tell(first, "ended", 9)
    assert calls.current_call(user) == second
    tell(second, "ended", 9)
    assert calls.current_call(user) is None


def test_another_agents_call_is_not_mine() -> None:
    mine, theirs = agent(), agent()
    ring(theirs)

    assert calls.current_call(mine) is None
    assert live.versions(mine, [f"calls:{theirs.public_id}"]) == {}


def test_a_call_whose_end_was_never_told_does_not_stay_for_ever() -> None:
    user = agent()
    ringing, talking = ring(user), tell(ring(user), "answered")
    age = {ringing: timedelta(minutes=11), talking: timedelta(hours=13)}
    for call, old in age.items():
        Call.objects.filter(pk=call.pk).update(created_at=timezone.now() - old)

    assert list(calls.live_calls(user)) == []


def test_a_transferred_call_leaves_one_line_and_comes_to_another() -> None:
    first, second = agent(), agent()
    extension = ExtensionFactory.create(user=first)
    other = ExtensionFactory.create(user=second, phone_system=extension.phone_system)
    call = tell(ring(first, extension=extension), "answered")
    before = line_of(first)

    call = tell(call, "transferred", 8, extension=other.number)

    assert call.agent == second
    assert line_of(first) > before
    assert line_of(second) == 1


def test_an_id_means_one_call_in_each_system() -> None:
    ours, theirs = PhoneSystemFactory.create(), PhoneSystemFactory.create()

    calls.take_event(system=ours, news=news("ringing"))
    calls.take_event(system=theirs, news=news("ringing"))

    assert Call.objects.count() == 2


def test_whom_a_person_names_stays_the_caller() -> None:
    user = agent()
    CustomerFactory.create(phone=NUMBER)
    call = ring(user)
    spouse = create_customer(name="Eero Mäkinen", actor=user)
    before = line_of(user)

    calls.name_customer(call=call, customer=spouse, actor=user)
    calls.name_customer(call=call, customer=spouse, actor=user)
    call = tell(call, "answered", their_number=NUMBER)

    assert call.customer == spouse
    assert line_of(user) == before + 2


def test_an_ended_call_is_written_once_into_the_timeline_of_whoever_it_was() -> None:
    user = agent()
    call = tell(tell(ring(user), "answered", 1), "ended", 62)
    customer = create_customer(name="Aino Mäkinen", actor=user)

    calls.name_customer(call=call, customer=customer, actor=user)
    tell(call, "recording_stopped", 63)

    entry, _created = timeline.newest(customer.pk)
    assert (entry.kind, entry.data, entry.object_id) == (
        "call.inbound",
        {"minutes": 2},
        call.public_id,
    )
    assert timeline.describe(entry) == "Called, 2 min"


def test_nobody_answering_is_told_as_such() -> None:
    customer = CustomerFactory.create(phone=NUMBER)

    tell(ring(agent()), "ended", 30)

    assert [entry.kind for entry in timeline.newest(customer.pk)] == ["call.missed"]


def test_a_call_that_turns_out_to_be_anothers_leaves_the_first_ones_timeline() -> None:
    user, first = agent(), CustomerFactory.create(phone=NUMBER)
    call = tell(tell(ring(user), "answered", 1), "ended", 30)
    second = CustomerFactory.create(name="Eero Mäkinen")

    calls.name_customer(call=call, customer=second, actor=user)

    assert timeline.newest(first.pk) == []
    assert [entry.kind for entry in timeline.newest(second.pk)] == ["call.inbound"]


def test_what_a_call_has_told_cannot_be_changed_but_its_number_can_be_forgotten() -> None:
    ring(agent())
    event = CallEvent.objects.get()

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        CallEvent.objects.filter(pk=event.pk).update(kind="ended")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        CallEvent.objects.filter(pk=event.pk).delete()
    CallEvent.objects.filter(pk=event.pk).update(their_number="")

    event.refresh_from_db()
    assert (event.kind, event.their_number) == ("ringing", "")


def test_a_number_that_is_told_late_moves_the_entry_to_whose_it_is() -> None:
    first = CustomerFactory.create(phone="+358401111111")
    second = CustomerFactory.create(phone="+358402222222")
    call = ring(agent(), "+358401111111")
    tell(call, "ended", 40)
    tell(call, "answered", -5, their_number="+358402222222")

    assert timeline.newest(first.pk) == []
    assert len(timeline.newest(second.pk)) == 1
