"""The approver's queue, the agent's rail and the API: who waits, who decides, what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core import live, policy
from core.models import Role
from payments.models import Capture, ProviderOperation, Refund
from payments.services import approvals
from tests.api import Api
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.desk import Desk
from tests.factories.payments import asked_refund, paid_capture

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def capture() -> Capture:
    return paid_capture(customer=CustomerFactory.create(), amount=40_000)


def sent() -> int:
    return ProviderOperation.objects.filter(kind="refund").count()


def test_the_api_approves_refuses_and_withdraws(capture: Capture) -> None:
    asking = Api(policy.VIEW_PAYMENT, policy.REFUND, role=Role.AGENT)
    deciding = Api(policy.APPROVE_REFUND, role=Role.FINANCE)
    body = {"payment_intent": capture.attempt.intent.public_id, "reason": "late"}
    first, second, third = (
        asking.post("refunds", {**body, "amount": amount}).data["id"]
        for amount in (10_001, 10_002, 10_003)
    )

    approved = deciding.post(f"refunds/{first}/approve", key="k1")
    again = deciding.post(f"refunds/{first}/approve", key="k1")
    refused = deciding.post(f"refunds/{second}/refuse", {"reason": "too late"})
    withdrawn = asking.post(f"refunds/{third}/withdraw")
    nobody = deciding.post("refunds/re_nothing/approve")

    assert [approved.status_code, again.status_code, refused.status_code] == [200, 200, 200]
    assert approved.data["status"] == "requested"
    assert approved.data["decided_by"] == deciding.key.owner.public_id
    assert (refused.data["status"], refused.data["refusal"]) == ("canceled", "too late")
    assert withdrawn.data["status"] == "canceled"
    assert nobody.status_code == 404
    assert sent() == 1


def test_a_key_without_the_permission_decides_nothing(capture: Capture) -> None:
    refund = asked_refund(capture)
    program = Api(policy.VIEW_PAYMENT, policy.REFUND, role=Role.FINANCE)

    answers = [
        program.post(f"refunds/{refund.public_id}/approve"),
        program.post(f"refunds/{refund.public_id}/refuse", {"reason": "no"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert sent() == 0


def page_of(user: User) -> Desk:
    return Desk(user)


def test_the_page_tells_who_waits_for_what_and_why(capture: Capture) -> None:
    refund = asked_refund(capture)

    body = page_of(people.supervisor()).client.get("/payments/approvals/").content.decode()

    assert capture.attempt.intent.customer.name in body
    assert "Approve €150.00" in body
    assert "above the limit of a refund" in body
    assert f'id="{refund.public_id}"' in body
    assert 'data-live-topic="approvals"' in body


def test_one_key_approves_and_the_amount_is_confirmed(capture: Capture) -> None:
    refund = asked_refund(capture)
    desk = page_of(people.supervisor())

    answer = desk.post(f"/payments/approvals/{refund.public_id}/approve/")

    assert answer.status_code == 200
    assert "Approved: €150.00 goes back to" in answer.content.decode()
    assert "Nothing waits" in answer.content.decode()
    assert sent() == 1


def test_a_refusal_without_a_reason_is_answered_in_its_place(capture: Capture) -> None:
    refund = asked_refund(capture)
    desk = page_of(people.finance())

    empty = desk.post(f"/payments/approvals/{refund.public_id}/refuse/", {"reason": ""})
    meant = desk.post(f"/payments/approvals/{refund.public_id}/refuse/", {"reason": "late"})

    assert (empty.status_code, meant.status_code) == (422, 200)
    assert "Write why it is refused" in empty.content.decode()
    assert "€150.00 is not given back" in meant.content.decode()


def test_ones_own_request_has_no_buttons_and_is_refused(capture: Capture) -> None:
    refund, person = asked_refund(capture), people.supervisor()
    Refund.objects.update(requested_by=person)
    desk = page_of(person)

    body = desk.client.get("/payments/approvals/").content.decode()
    answer = desk.post(f"/payments/approvals/{refund.public_id}/approve/")

    assert "Approve €150.00" not in body
    assert answer.status_code == 403
    assert "somebody else has to decide" in answer.content.decode()
    assert sent() == 0


@pytest.mark.parametrize("role", ["agent", "senior_agent", "admin", "auditor"])
def test_who_may_not_decide_sees_and_changes_nothing(capture: Capture, role: str) -> None:
    refund = asked_refund(capture)
    desk = page_of(getattr(people, role)())
    act = f"/payments/approvals/{refund.public_id}"

    answers: list[Any] = [
        desk.client.get("/payments/approvals/"),
        desk.post(f"{act}/approve/"),
        desk.post(f"{act}/refuse/", {"reason": "no"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert live.versions(desk.user, ["approvals"]) == {}
    assert sent() == 0


def test_the_page_reads_as_many_statements_for_many_as_for_one(
    capture: Capture, django_assert_max_num_queries: Any
) -> None:
    for amount in (10_001, 10_002, 10_003):
        asked_refund(capture, amount)
    desk = page_of(people.supervisor())

    with django_assert_max_num_queries(12):
        desk.client.get("/payments/approvals/")


def test_the_agent_reads_who_decided_and_why(capture: Capture) -> None:
    desk = Desk()
    intent = capture.attempt.intent
    refund = asked_refund(capture, 15_000, desk.user)
    waiting = desk.get(f"/payments/{intent.public_id}/").content.decode()
    approvals.refuse_refund(refund_id=refund.pk, approver=people.finance(), reason="too late")

    refused = desk.get(f"/payments/{intent.public_id}/").content.decode()

    assert "waits for a second person" in waiting
    assert "Withdraw the request" in waiting
    assert "Refund of €150.00 refused by Aino Asiakaspalvelija" in refused
    assert "too late" in refused
    assert "Withdraw the request" not in refused


def test_the_agent_withdraws_from_the_rail(capture: Capture) -> None:
    desk = Desk()
    refund = asked_refund(capture, 15_000, desk.user)

    answer = desk.post(f"/payments/approvals/{refund.public_id}/withdraw/")

    assert answer.status_code == 200
    assert (
        "withdrawn by"
        in desk.get(f"/payments/{capture.attempt.intent.public_id}/").content.decode()
    )
    assert Refund.objects.get().status == "canceled"


def test_the_version_of_what_waits_grows_with_each_step(capture: Capture) -> None:
    person = people.supervisor()
    before = live.versions(person, ["approvals"])["approvals"]
    refund = asked_refund(capture)
    asked = live.versions(person, ["approvals"])["approvals"]
    approvals.approve_refund(refund_id=refund.pk, approver=person)

    assert before < asked < live.versions(person, ["approvals"])["approvals"]
