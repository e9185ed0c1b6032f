"""The door for telephone systems: one contract, whichever of them knocks."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from core.signatures import TOLERANCE_S
from crm.models import Call, CallEvent
from crm.services import calls
from tests.crm.exchanges import Exchange
from tests.factories.calls import NUMBER
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

TOLD = [("ringing", 0), ("answered", 5), ("recording_started", 6), ("ended", 50)]


@pytest.fixture(params=["generic", "twilio", "asterisk"])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return Exchange(request.param, agent())


def test_a_ring_comes_to_the_agent_with_the_customer(exchange: Exchange) -> None:
    customer = CustomerFactory.create(phone=NUMBER)

    assert exchange.send("ringing") == 200

    call = calls.current_call(exchange.user)
    assert call is not None
    assert (call.customer, call.status, call.direction) == (customer, "ringing", "inbound")
    assert call.our_number in {"+358911111111", ""}


@pytest.mark.parametrize("seed", range(4))
def test_order_and_repetition_cannot_matter(exchange: Exchange, seed: int) -> None:
    customer = CustomerFactory.create(phone=NUMBER)
    told = [*TOLD, *TOLD]
    Random(seed).shuffle(told)

    assert {exchange.send(kind, second) for kind, second in told} == {200}

    call = Call.objects.get()
    assert (call.status, call.recording, call.version) == ("ended", "on", 4)
    assert (call.customer, call.agent) == (customer, exchange.user)
    assert call.ended_at is not None
    assert call.answered_at is not None
    assert (call.ended_at - call.answered_at).seconds == 45


def test_what_is_not_signed_by_the_system_is_counted_and_not_kept(exchange: Exchange) -> None:
    body = exchange.body("ringing", 0)

    assert exchange.post(body, {}) == 400
    assert exchange.post(body, exchange.headers(body, secret="another secret")) == 400
    assert exchange.post(body + b" ", exchange.headers(body)) == 400

    assert not Call.objects.exists()


def test_a_system_without_a_secret_lets_nobody_in(exchange: Exchange) -> None:
    exchange.system.credentials = {}
    exchange.system.save()
    body = exchange.body("ringing", 0)

    assert exchange.post(body, exchange.headers(body, secret="")) == 400
    assert not Call.objects.exists()


@pytest.mark.parametrize("kind", ["generic", "asterisk"])
def test_what_was_signed_too_long_ago_is_refused(kind: str) -> None:
    exchange = Exchange(kind, agent())
    body = exchange.body("ringing", 0)

    headers = exchange.headers(body, at=time.time() - TOLERANCE_S - 2)

    assert exchange.post(body, headers) == 400
    assert not Call.objects.exists()


def test_a_system_that_is_not_in_use_is_not_there(exchange: Exchange) -> None:
    exchange.system.is_enabled = False
    exchange.system.save()

    assert exchange.send("ringing") == 404
    assert Client().post(reverse("crm:call-door", args=["tel_nobody"])).status_code == 404


def test_a_large_body_is_refused(exchange: Exchange, settings: Settings) -> None:
    settings.WEBHOOK_MAX_BYTES = 10

    assert exchange.send("ringing") == 413
    assert not Call.objects.exists()


def test_a_card_number_is_kept_nowhere(exchange: Exchange) -> None:
    exchange.send("ringing", number="4111111111111111")

    assert not Call.objects.filter(their_number__contains="4111").exists()
    assert not CallEvent.objects.filter(their_number__contains="4111").exists()
