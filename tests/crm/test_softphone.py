"""The softphone: made-up calls go through the real door, over HTTP, signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Call, ContactPoint
from crm.services import softphones
from payments import demo
from tests.clients import signed_in
from tests.factories.calls import NUMBER
from tests.factories.core import agent, auditor
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

    from core.models import User

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = reverse("crm:softphone")


@pytest.fixture(autouse=True)
def house(live_server: LiveServer, settings: Settings) -> None:
    """Somebody listens at the address that we call our own."""
    settings.TRAINING_MODE = True
    settings.PUBLIC_URL = live_server.url


def press(user: User, act: str) -> Call:
    call = Call.objects.get()
    address = reverse("crm:softphone-act", args=[call.public_id])
    assert signed_in(user).post(address, {"act": act}).status_code == 302
    call.refresh_from_db()
    return call


def test_a_made_up_call_rings_is_answered_held_and_ended() -> None:
    user, customer = agent(), CustomerFactory.create(phone=NUMBER)

    signed_in(user).post(PAGE, {"caller": NUMBER})

    call = Call.objects.get()
    assert (call.agent, call.customer, call.status) == (user, customer, "ringing")
    assert "Answer" in signed_in(user).get(PAGE).text
    assert (press(user, "answer").status, press(user, "hold").status) == ("answered", "held")
    assert press(user, "pause_recording").recording == "paused"
    assert press(user, "end").status == "ended"


@pytest.mark.parametrize("caller", ["unknown", "withheld"])
def test_somebody_unknown_can_ring(caller: str) -> None:
    signed_in(agent()).post(PAGE, {"caller": caller})

    call = Call.objects.get()
    assert (call.customer, bool(call.their_number)) == (None, caller == "unknown")


def test_what_is_no_number_does_not_ring() -> None:
    page = signed_in(agent()).post(PAGE, {"typed": "12"}, follow=True)

    assert "It did not ring" in page.text
    assert not Call.objects.exists()


def test_a_door_that_is_shut_is_said() -> None:
    user = agent()
    softphones.ensure_extension(user).phone_system.__class__.objects.update(is_enabled=False)

    page = signed_in(user).post(PAGE, {"caller": NUMBER}, follow=True)

    assert "It did not ring: HTTP 404" in page.text


def test_the_buttons_in_the_bar_reach_the_softphone_and_come_back_as_events() -> None:
    user = agent()
    signed_in(user).post(PAGE, {"caller": NUMBER})
    call = press(user, "answer")

    address = reverse("crm:call-command", args=[call.public_id])
    answer = signed_in(user).post(address, {"command": "hold"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "Take back" in answer.text
    call.refresh_from_db()
    assert call.status == "held"


def test_a_click_dials_and_the_call_is_outgoing() -> None:
    user, customer = agent(), CustomerFactory.create(phone=NUMBER)
    softphones.ensure_extension(user)

    signed_in(user).post(reverse("crm:dial", args=[customer.contact_points.get().public_id]))

    call = Call.objects.get()
    assert (call.direction, call.customer, call.agent) == ("outbound", customer, user)
    assert press(user, "fail").status == "failed"


def test_nobody_presses_the_buttons_of_somebody_elses_call() -> None:
    user = agent()
    signed_in(user).post(PAGE, {"caller": NUMBER})
    address = reverse("crm:softphone-act", args=[Call.objects.get().public_id])

    assert signed_in(agent()).post(address, {"act": "answer"}).status_code == 404
    assert signed_in(auditor()).post(address, {"act": "answer"}).status_code == 403
    assert signed_in(user).post(address, {"act": "explode"}).status_code == 404
    assert Call.objects.get().status == "ringing"


def test_a_command_that_is_not_signed_is_refused() -> None:
    softphones.ensure_system()
    address = reverse("crm:softphone-control")

    answer = Client().post(address, b'{"command": "dial"}', content_type="application/json")

    assert answer.status_code == 400
    assert not Call.objects.exists()


def test_where_nobody_practises_there_is_no_softphone(settings: Settings) -> None:
    settings.TRAINING_MODE = False
    client = signed_in(agent())

    assert client.get(PAGE).status_code == 404
    assert client.post(reverse("crm:softphone-control")).status_code == 404
    assert PAGE not in client.get(reverse("crm:settings")).text


def test_everybody_in_the_demo_has_a_telephone_and_two_customers_share_one() -> None:
    CustomerFactory.create(phone=NUMBER)
    CustomerFactory.create(phone="+358409999999")
    people = [agent(), agent()]

    for _ in range(2):
        demo.ensure_telephones(people)

    assert [user.extensions.count() for user in people] == [1, 1]
    assert ContactPoint.objects.filter(value=NUMBER).count() == 2
