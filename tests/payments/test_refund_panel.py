"""The refund panel: each role, each refusal, each second press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.ids import make_public_id
from core.models import AuditEvent
from orders.models import CreditNote
from payments.models import ProviderOperation, Refund
from tests.factories import core as people
from tests.factories.desk import HTMX, Desk
from tests.factories.payments import paid_capture
from tests.orders.threads import race

if TYPE_CHECKING:
    from payments.models import Capture

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def capture(desk: Desk) -> Capture:
    return paid_capture(invoice=desk.fibre)


def refund(desk: Desk, taken: Capture, **changes: Any) -> Any:
    fields = {
        "capture": taken.public_id,
        "amount": "€79.90",
        "reason": "Delivered late",
        **changes,
    }
    return desk.act(taken.attempt.intent, "refund", **fields)


def test_the_refund_panel_tells_the_limits_before(desk: Desk, capture: Capture) -> None:
    answer = desk.get(f"/payments/{capture.attempt.intent.public_id}/refund/")

    body = answer.content.decode()
    assert "€79.90 can be given back" in body
    assert "You may refund €100.00 at a time, and €500.00 more today" in body
    assert "Above that a second person approves it" in body
    assert "Write a credit note" in body


def test_a_refund_is_reserved_and_told(desk: Desk, capture: Capture) -> None:
    answer = refund(desk, capture, amount="30", wants_credit_note="1")

    made = Refund.objects.get()
    assert answer.status_code == 200
    assert (made.amount, made.reason, made.requested_by) == (3_000, "Delivered late", desk.user)
    assert made.wants_credit_note
    assert ProviderOperation.objects.get(kind="refund").status == "created"
    assert "Refund of €30.00 asked for" in answer.content.decode()
    assert 'data-key="f"' in answer.content.decode()
    assert CreditNote.objects.count() == 0
    assert AuditEvent.objects.filter(action="refund.requested").count() == 1


def test_the_same_form_refunds_once(desk: Desk, capture: Capture) -> None:
    operation = make_public_id("op")

    answers = [refund(desk, capture, operation=operation) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert Refund.objects.count() == 1


def test_where_nothing_is_left_no_refund_is_offered(desk: Desk, capture: Capture) -> None:
    answer = refund(desk, capture)

    again = desk.get(f"/payments/{capture.attempt.intent.public_id}/refund/")

    assert 'data-key="f"' not in answer.content.decode()
    assert "Nothing is left to refund" in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"amount": "80"}, 422, "Only €79.90 is left to refund"),
        ({"amount": "0"}, 422, "greater than zero"),
        ({"amount": "abc"}, 422, "Write the amount as"),
        ({"amount": CARD}, 422, "looks like a card number"),
        ({"reason": ""}, 422, "Write why the money is given back"),
        ({"reason": "   "}, 422, "Write why the money is given back"),
        ({"capture": "cap_unknown"}, 422, "Select a valid choice"),
        ({"operation": "x"}, 422, ""),
    ],
)
def test_a_refund_that_cannot_be_is_refused_in_its_place(
    desk: Desk, capture: Capture, changes: dict[str, str], status: int, words: str
) -> None:
    answer = refund(desk, capture, **changes)

    body = answer.content.decode()
    assert answer.status_code == status
    assert words in body
    assert CARD not in body
    assert Refund.objects.count() == 0
    assert ProviderOperation.objects.filter(kind="refund").count() == 0


def test_a_refund_above_the_limit_waits_for_a_second_person(desk: Desk) -> None:
    capture = paid_capture(invoice=desk.router)

    answer = refund(desk, capture, amount="105")

    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Refund of €105.00 waits for a second person" in body
    assert "Withdraw the request" in body
    assert Refund.objects.get().status == "awaiting_approval"
    assert ProviderOperation.objects.filter(kind="refund").count() == 0


def test_a_card_number_in_the_reason_is_masked(desk: Desk, capture: Capture) -> None:
    refund(desk, capture, reason=f"paid with {CARD}")

    assert Refund.objects.get().reason == "paid with ••••1111"
    assert "4111" not in AuditEvent.objects.get(action="refund.requested").reason


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_who_may_not_refund_changes_nothing(desk: Desk, capture: Capture, role: str) -> None:
    desk.user = getattr(people, role)()
    desk.client = desk.browser()

    assert refund(desk, capture).status_code == 403
    assert desk.get(f"/payments/{capture.attempt.intent.public_id}/refund/").status_code == 403
    assert Refund.objects.count() == 0


def test_finance_refunds_what_an_agent_took(desk: Desk, capture: Capture) -> None:
    desk.user = people.finance()
    desk.client = desk.browser()

    assert refund(desk, capture).status_code == 200
    assert Refund.objects.get().requested_by == desk.user


def test_without_scripts_a_refund_has_a_page_of_its_own(desk: Desk, capture: Capture) -> None:
    path = f"/payments/{capture.attempt.intent.public_id}/refund/"
    assert "<html" in desk.client.get(path).content.decode()
    fields = {
        "operation": make_public_id("op"),
        "capture": capture.public_id,
        "amount": "€79.90",
        "reason": "Delivered late",
    }

    answer = desk.client.post(path, fields)

    assert answer["Location"] == f"/payments/{capture.attempt.intent.public_id}/"
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_never_exceed_what_was_taken(desk: Desk, capture: Capture) -> None:
    path = f"/payments/{capture.attempt.intent.public_id}/refund/"
    fields = {"capture": capture.public_id, "amount": "50", "reason": "Delivered late"}
    browsers = [desk.browser() for _ in range(6)]

    answers = race(
        [
            lambda b=b: b.post(path, {**fields, "operation": make_public_id("op")}, headers=HTMX)  # type: ignore[misc]
            for b in browsers
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422, 422]
    assert Refund.objects.count() == 1
