"""Calls on the screen: who rings, what can be pressed, and what is said where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import owed
from crm.models import Call, Customer
from crm.services import call_lines
from tests.clients import signed_in
from tests.crm.control_server import ControlServer
from tests.factories.calls import NUMBER, SECRET, ExtensionFactory, ring, tell
from tests.factories.core import agent, auditor
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.models import Extension

pytestmark = pytest.mark.django_db

LINE = reverse("crm:call-line")


@pytest.fixture
def control() -> Iterator[ControlServer]:
    with ControlServer() as server:
        yield server


def extension_at(control: ControlServer) -> Extension:
    extension = ExtensionFactory.create()
    extension.phone_system.credentials = {"secret": SECRET, "control_url": control.url}
    extension.phone_system.save()
    return extension


def read(user: object, address: str = LINE) -> str:
    return signed_in(user).get(address).text  # type: ignore[arg-type] # a User


def test_a_ring_shows_who_calls_and_what_is_owed_on_every_page() -> None:
    user, customer = agent(), CustomerFactory.create(phone=NUMBER)
    InvoiceFactory.create(customer=customer)
    ring(user)

    for address in (LINE, reverse("crm:desk"), reverse("crm:settings")):
        page = read(user, address)
        assert "Incoming call" in page
        assert customer.name in page
        assert ("Owes now" in page) == (address == LINE)
        assert ("news, load" in page) == (address != LINE)
        assert reverse("crm:customer", args=[customer.public_id]) in page


def test_on_the_callers_own_page_the_ring_covers_nothing() -> None:
    user, customer = agent(), CustomerFactory.create(phone=NUMBER)
    ring(user)

    page = read(user, reverse("crm:customer", args=[customer.public_id]))

    assert "is calling" in page
    assert "Incoming call" not in page
    assert "Incoming call" not in read(user, f"{LINE}?open={customer.public_id}")
    assert "Incoming call" in read(user, f"{LINE}?open=cus_another")


def test_nobody_else_sees_the_ring() -> None:
    user, other = agent(), agent()
    ring(user)

    assert "Incoming call" not in read(other)


def test_of_several_who_share_the_number_one_is_chosen() -> None:
    user = agent()
    CustomerFactory.create(name="Aino Mäkinen", phone=NUMBER)
    son = CustomerFactory.create(name="Eero Mäkinen", phone=NUMBER)
    call = ring(user)

    assert "2 customers have this number." in read(user)
    answer = signed_in(user).post(
        reverse("crm:name-caller", args=[call.public_id]), {"customer": son.public_id}
    )

    call.refresh_from_db()
    assert call.customer == son
    assert answer.headers["Location"] == reverse("crm:customer", args=[son.public_id])


def test_an_unknown_caller_is_written_down_from_the_ring() -> None:
    user = agent()
    call = ring(user)
    client = signed_in(user)
    address = f"{reverse('crm:create-customer')}?call={call.public_id}"

    assert address in client.get(LINE).text
    page = client.get(address)
    assert f'value="{NUMBER}"' in page.text
    form = {**page.context["form"].initial, "name": "Uuno Uusi", "kind": "person"}
    client.post(reverse("crm:create-customer"), form)

    call.refresh_from_db()
    made = Customer.objects.get()
    assert (made.name, call.customer) == ("Uuno Uusi", made)
    assert made.contact_points.get().value == NUMBER


def test_whoever_is_found_can_be_named_on_their_own_page() -> None:
    user, customer = agent(), CustomerFactory.create()
    ring(user)

    page = read(user, reverse("crm:customer", args=[customer.public_id]))

    assert f"Is it {customer.name} who is on the line?" in page


def test_a_withheld_number_has_nothing_to_copy() -> None:
    user = agent()
    ring(user, "anonymous")

    page = read(user)

    assert "Number withheld" in page
    assert "data-copy" not in page


def test_the_line_of_a_page_costs_one_statement_and_the_whole_one_more_while_it_rings() -> None:
    user, customer = agent(), CustomerFactory.create(phone=NUMBER)
    statements = []
    for prepare in (lambda: None, lambda: ring(user), lambda: ring(user, "+358501111111")):
        prepare()
        with CaptureQueriesContext(connection) as queries:
            line = call_lines.line_of(user)
            _ = line.takes_commands, line.current and line.current.customer
        statements.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            call_lines.line_of(user, is_whole=False)
        statements.append(len(queries))

    assert statements == [1, 1, 2, 1, 2, 1]
    assert owed.by_customer(customer.pk) == []


def test_what_is_on_the_line_stands_before_what_rings() -> None:
    user, known = agent(), CustomerFactory.create(phone=NUMBER)
    first = tell(tell(ring(user), "answered", 1), "recording_started", 2)
    second = ring(user, "+358501111111")

    line = call_lines.line_of(user)

    assert (line.current, line.pop, line.unnamed) == (first, second, second)
    assert line.current is not None
    assert (line.current.customer, line.candidates) == (known, ())
    assert "recording" in read(user)


def test_a_button_asks_the_telephone_system(control: ControlServer) -> None:
    extension = extension_at(control)
    call = tell(ring(extension.user, extension=extension), "answered")
    client = signed_in(extension.user)

    assert 'value="hold"' in client.get(LINE).text
    address = reverse("crm:call-command", args=[call.public_id])
    answer = client.post(address, {"command": "hold"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert len(control.commands) == 1
    call.refresh_from_db()
    assert call.status == Call.Status.ANSWERED  # it is held when the system says so


def test_a_failure_of_a_button_is_said_where_it_is(control: ControlServer) -> None:
    extension = extension_at(control)
    call = tell(ring(extension.user, extension=extension), "answered")
    control.stop()

    answer = signed_in(extension.user).post(
        reverse("crm:call-command", args=[call.public_id]),
        {"command": "pause_recording"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 422
    said = "The telephone system did not answer. Do it on the telephone itself."
    assert said in answer.text


def test_nobody_holds_somebody_elses_call(control: ControlServer) -> None:
    extension = extension_at(control)
    call = tell(ring(extension.user, extension=extension), "answered")

    answer = signed_in(agent()).post(
        reverse("crm:call-command", args=[call.public_id]),
        {"command": "hold"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 422
    assert control.commands == []


@pytest.mark.parametrize("command", ["dial", "explode", ""])
def test_what_is_no_button_is_not_there(command: str) -> None:
    user = agent()
    call = ring(user)

    answer = signed_in(user).post(
        reverse("crm:call-command", args=[call.public_id]), {"command": command}
    )

    assert answer.status_code == 404


def test_a_number_is_dialled_by_a_click(control: ControlServer) -> None:
    extension, customer = extension_at(control), CustomerFactory.create(phone=NUMBER)
    client = signed_in(extension.user)
    address = reverse("crm:dial", args=[customer.contact_points.get().public_id])

    assert address in client.get(reverse("crm:customer", args=[customer.public_id])).text
    answer = client.post(address, headers={"HX-Request": "true"})

    assert "+358 40 1234567 is called" in answer.text
    assert len(control.commands) == 1


def test_a_dial_that_fails_says_why_and_what_to_dial(control: ControlServer) -> None:
    extension, customer = extension_at(control), CustomerFactory.create(phone=NUMBER)
    control.stop()
    client = signed_in(extension.user)
    address = reverse("crm:dial", args=[customer.contact_points.get().public_id])

    fragment = client.post(address, headers={"HX-Request": "true"})
    page = client.post(address, follow=True)

    said = "The telephone system did not answer. Dial by hand: +358 40 1234567"
    assert fragment.status_code == 422
    assert said in fragment.text
    assert said in page.text


def test_who_has_no_telephone_here_has_no_button_for_it() -> None:
    customer = CustomerFactory.create(phone=NUMBER)
    point = customer.contact_points.get()
    client = signed_in(agent())
    address = reverse("crm:dial", args=[point.public_id])

    assert address not in client.get(reverse("crm:customer", args=[customer.public_id])).text
    assert client.post(address, headers={"HX-Request": "true"}).status_code == 422


def test_a_call_that_was_not_connected_is_told() -> None:
    user = agent()
    CustomerFactory.create(name="Aino Mäkinen", phone=NUMBER)
    call = ring(user)
    tell(call, "dial_failed", 55)

    assert "Aino Mäkinen was not reached." in read(user)


def test_a_calls_page_tells_its_story_in_the_order_of_time() -> None:
    user = agent()
    call = tell(tell(ring(user), "ended", 40), "answered", 5)

    page = read(user, reverse("crm:call", args=[call.public_id]))

    assert f'data-live-topic="call:{call.public_id}"' in page
    assert "00:35" in page
    story = page.partition("call-story")[2]
    assert story.index("Rang") < story.index("Answered") < story.index("Ended")


def test_whoever_may_only_look_can_press_nothing() -> None:
    user, customer = auditor(), CustomerFactory.create(phone=NUMBER)
    call = ring(user)
    client = signed_in(user)

    assert "data-copy" not in client.get(LINE).text
    for name, public_id in [("call-command", call.public_id), ("name-caller", call.public_id)]:
        assert client.post(reverse(f"crm:{name}", args=[public_id])).status_code == 403
    point = customer.contact_points.get()
    assert client.post(reverse("crm:dial", args=[point.public_id])).status_code == 403
