"""The panel that gives lines back: first the amount, then the refund."""

from __future__ import annotations

import pytest

from core import policy
from core.models import Role
from payments.models import Capture, Refund
from tests.api import Api
from tests.factories import core as people
from tests.factories.desk import Desk
from tests.factories.payments import paid_capture
from tests.payments.test_line_refunds import SOLD, asked, invoice_of, lines_of

pytestmark = pytest.mark.django_db

FORM = "op_01k9f42m3n5b7v9c1x3z5l7k9j"


@pytest.fixture
def capture() -> Capture:
    return paid_capture(invoice=invoice_of(SOLD))


def address(capture: Capture) -> str:
    return f"/payments/{capture.attempt.intent.public_id}/refund/lines/"


def form_of(capture: Capture, *quantities: int) -> dict[str, str]:
    lines = zip(lines_of(capture), quantities, strict=True)
    pieces = {f"line-{line.pk}": str(count) for line, count in lines}
    return {"operation": FORM, "reason": "sent back", **pieces}


def test_the_panel_shows_the_lines_and_what_is_left_of_them(capture: Capture) -> None:
    asked(capture, 2)

    body = Desk(people.agent()).client.get(address(capture)).content.decode()
    panel = Desk(people.agent()).client.get(address(capture).replace("lines/", ""))

    assert "1 of 3 can be given back" in body
    assert "Router" in body
    assert 'data-key="y"' in panel.content.decode()


def test_the_amount_is_seen_before_anything_is_reserved(capture: Capture) -> None:
    desk = Desk(people.agent())

    first = desk.client.post(address(capture), form_of(capture, 2, 0, 1))

    body = first.content.decode()
    assert first.status_code == 200
    assert "€14.43 goes back." in body
    assert "VAT in it: €2.31." in body
    assert not Refund.objects.exists()


def test_the_second_enter_reserves_it_once(capture: Capture) -> None:
    desk = Desk(people.agent())
    form = {**form_of(capture, 2, 0, 1), "seen": "1443"}

    answers = [desk.client.post(address(capture), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    refund = Refund.objects.get()
    assert (refund.amount, refund.lines.count(), refund.reason) == (1_443, 2, "sent back")


def test_another_amount_than_was_seen_is_shown_again(capture: Capture) -> None:
    form = {**form_of(capture, 1, 0, 0), "seen": "1443"}

    answer = Desk(people.agent()).client.post(address(capture), form)

    assert answer.status_code == 200
    assert "€3.33 goes back." in answer.content.decode()
    assert not Refund.objects.exists()


def test_what_cannot_be_given_back_is_said(capture: Capture) -> None:
    asked(capture, 2)
    desk = Desk(people.agent())

    beyond = desk.client.post(address(capture), form_of(capture, 2, 0, 0))
    nothing = desk.client.post(address(capture), form_of(capture, 0, 0, 0))

    assert (beyond.status_code, nothing.status_code) == (422, 422)
    assert "only 1 can still be given back" in beyond.content.decode()
    assert "Choose what is given back." in nothing.content.decode()
    assert Refund.objects.count() == 1


def test_who_may_not_refund_sees_nothing_and_what_is_on_no_invoice_has_no_lines(
    capture: Capture,
) -> None:
    auditor = Desk(people.UserFactory.create(role=Role.AUDITOR))
    free = paid_capture(customer=capture.attempt.intent.customer)

    assert auditor.client.get(address(capture)).status_code == 403
    assert Desk(people.agent()).client.get(address(free)).status_code == 404


def test_the_api_gives_lines_back_by_their_places(capture: Capture) -> None:
    program = Api(policy.VIEW_PAYMENT, policy.REFUND, role=Role.FINANCE)
    body = {
        "payment_intent": capture.attempt.intent.public_id,
        "invoice": capture.attempt.intent.items.get().invoice.public_id,
        "reason": "sent back",
    }
    lines = [{"position": 1, "quantity": 2}, {"position": 3, "quantity": 1}]

    made = program.post("refunds", {**body, "lines": lines}, key="a")
    again = program.post("refunds", {**body, "lines": lines}, key="a")
    beyond = program.post("refunds", {**body, "lines": lines})
    unknown = program.post("refunds", {**body, "lines": [{"position": 9, "quantity": 1}]})
    both = program.post("refunds", {**body, "lines": lines, "amount": 5})

    assert (made.status_code, again.status_code) == (202, 200)
    assert made.data["amount"] == 1_443
    refusals = [beyond.data["code"], unknown.data["code"], both.status_code]
    assert refusals == ["refund_line_given_back", "refund_lines_of_several_invoices", 422]
    assert Refund.objects.count() == 1
