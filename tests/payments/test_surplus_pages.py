"""The panel, the queue and the API that move surplus to another invoice."""

from __future__ import annotations

import pytest

from core import policy
from core.models import Role, RoleLimit
from payments.models import Capture, SurplusMove
from tests.api import Api
from tests.factories import core as people
from tests.factories.desk import Desk
from tests.payments.test_surplus import intent_of, moved, other_invoice, overpaid

pytestmark = pytest.mark.django_db

FORM = "op_01k9f42m3n5b7v9c1x3z5l7k9j"


@pytest.fixture
def capture() -> Capture:
    return overpaid()


def address(capture: Capture) -> str:
    return f"/payments/{intent_of(capture).public_id}/surplus/"


def test_the_panel_offers_open_invoices_and_as_much_as_fits(capture: Capture) -> None:
    invoice = other_invoice(capture)
    desk = Desk(people.agent())

    body = desk.client.get(address(capture)).content.decode()
    rail = desk.client.get(f"/payments/{intent_of(capture).public_id}/").content.decode()

    assert invoice.number in body
    assert 'value="€50.00"' in body
    assert "€80.00 of this payment is on no invoice" in body
    assert 'data-key="z"' in rail


def test_one_form_moves_once_and_the_rail_tells_it(capture: Capture) -> None:
    invoice = other_invoice(capture)
    desk = Desk(people.agent())
    form = {"operation": FORM, "invoice": invoice.public_id, "amount": "49.99"}

    answers = [desk.client.post(address(capture), form) for _ in range(2)]
    body = desk.client.get(f"/payments/{intent_of(capture).public_id}/").content.decode()

    assert [answer.status_code for answer in answers] == [302, 302]
    assert SurplusMove.objects.get().amount == 4_999
    assert f"€49.99 moved to invoice {invoice.number}" in body


@pytest.mark.parametrize(
    ("amount", "words"), [("80.01", "Only €80.00 of this payment is free."), ("x", "Write the")]
)
def test_what_cannot_be_moved_is_said_beside_the_field(
    capture: Capture, amount: str, words: str
) -> None:
    invoice = other_invoice(capture, 20_000)
    form = {"operation": FORM, "invoice": invoice.public_id, "amount": amount}

    answer = Desk(people.agent()).client.post(address(capture), form)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SurplusMove.objects.exists()


def test_a_move_is_taken_back_from_the_payments_page(capture: Capture) -> None:
    invoice = other_invoice(capture)
    move = moved(capture, invoice)
    desk = Desk(people.agent())
    path = f"/payments/moves/{move.public_id}/back/"
    assert path in desk.client.get(f"/payments/{intent_of(capture).public_id}/").content.decode()

    desk.client.post(path, {"operation": FORM})

    move.refresh_from_db()
    invoice.refresh_from_db()
    assert (move.status, invoice.open_amount) == ("taken_back", 5_000)


def test_the_queue_approves_with_one_key(capture: Capture) -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    invoice = other_invoice(capture)
    move = moved(capture, invoice)
    desk = Desk(people.supervisor())

    queue = desk.client.get("/payments/approvals/").content.decode()
    desk.client.post(f"/payments/moves/{move.public_id}/approve/", {"operation": FORM})

    assert f"Surplus to invoice {invoice.number}" in queue
    invoice.refresh_from_db()
    assert invoice.open_amount == 0


def test_the_queue_refuses_with_a_reason_and_who_asked_withdraws(capture: Capture) -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    person = people.agent()
    first = moved(capture, other_invoice(capture), by=person)
    second = moved(capture, other_invoice(capture), by=person)

    Desk(people.finance()).client.post(
        f"/payments/moves/{first.public_id}/refuse/", {"operation": FORM, "reason": "ask"}
    )
    Desk(person).client.post(f"/payments/moves/{second.public_id}/withdraw/", {"operation": FORM})

    statuses = SurplusMove.objects.order_by("pk").values_list("status", "refusal")
    assert list(statuses) == [("canceled", "ask"), ("canceled", "")]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_others_move_nothing(role: str, capture: Capture) -> None:
    desk = Desk(people.UserFactory.create(role=role))

    assert desk.client.get(address(capture)).status_code == 403
    assert desk.client.post("/payments/moves/mov_x/back/").status_code == 403


def test_the_api_moves_takes_back_and_approves(capture: Capture) -> None:
    asking = Api(policy.VIEW_PAYMENT, policy.MOVE_SURPLUS, role=Role.AGENT)
    deciding = Api(policy.APPROVE_REFUND, role=Role.FINANCE)
    invoice = other_invoice(capture, 20_000)
    body = {"payment_intent": intent_of(capture).public_id, "invoice": invoice.public_id}

    made = asking.post("surplus-moves", {**body, "amount": 5_000}, key="a")
    again = asking.post("surplus-moves", {**body, "amount": 5_000}, key="a")
    back = asking.post(f"surplus-moves/{made.data['id']}/take-back")
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    large = asking.post("surplus-moves", {**body, "amount": 8_000})
    approved = deciding.post(f"surplus-moves/{large.data['id']}/approve")
    nothing = asking.post("surplus-moves", {**body, "invoice": "inv_x", "amount": 1})

    assert (made.status_code, again.status_code) == (201, 200)
    assert (made.data["status"], back.data["status"]) == ("moved", "taken_back")
    assert (large.data["status"], approved.data["status"]) == ("awaiting_approval", "moved")
    assert nothing.status_code == 404
    invoice.refresh_from_db()
    assert invoice.open_amount == 12_000
    assert len(asking.get("surplus-moves?status=moved").data["results"]) == 1


def test_the_api_refuses_and_withdraws(capture: Capture) -> None:
    asking = Api(policy.VIEW_PAYMENT, policy.MOVE_SURPLUS, role=Role.AGENT)
    deciding = Api(policy.APPROVE_REFUND, role=Role.FINANCE)
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    invoice = other_invoice(capture)
    body = {
        "payment_intent": intent_of(capture).public_id,
        "invoice": invoice.public_id,
        "amount": 5_000,
    }
    first, second = (asking.post("surplus-moves", body).data["id"] for _ in range(2))

    refused = deciding.post(f"surplus-moves/{first}/refuse", {"reason": "no"})
    withdrawn = asking.post(f"surplus-moves/{second}/withdraw")

    assert (refused.data["status"], refused.data["refusal"]) == ("canceled", "no")
    assert withdrawn.data["status"] == "canceled"
    assert asking.get(f"surplus-moves/{first}").data["decided_by"] is not None
