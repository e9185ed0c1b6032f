"""The page of operations without an answer, the approver's queue, and the API."""

from __future__ import annotations

import pytest

from core import policy
from core.models import Role, User
from payments.models import OutcomeDecision, PaymentEvent, ProviderOperation
from payments.services import approval_news
from tests.api import Api
from tests.factories import core as people
from tests.factories.desk import Desk
from tests.payments.deciding import Kind, asked, unknown

pytestmark = pytest.mark.django_db

FORM = "op_01k9f42m3n5b7v9c1x3z5l7k9j"


@pytest.fixture
def operation() -> ProviderOperation:
    return unknown(Kind.REFUND)


def page(user: User, path: str) -> str:
    answer = Desk(user).client.get(f"/payments/{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_tells_what_to_look_for(operation: ProviderOperation) -> None:
    body = page(people.senior_agent(), "unknown/")

    assert operation.subject.public_id in body
    assert operation.attempt.public_id in body
    assert operation.key in body
    assert "Say what became of it" in body


def test_the_page_has_few_statements_however_many_wait(
    operation: ProviderOperation, django_assert_max_num_queries: object
) -> None:
    asked(operation)
    for _ in range(3):
        asked(unknown(Kind.CAPTURE))
    desk = Desk(people.finance())
    desk.client.get("/payments/unknown/")

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        body = desk.client.get("/payments/unknown/").content.decode()
    assert body.count("A second person has to approve it.") == 4


def test_one_says_what_became_of_it_and_another_approves_it_with_one_key(
    operation: ProviderOperation,
) -> None:
    first, second = Desk(people.senior_agent()), Desk(people.finance())
    form = {"operation": FORM, "outcome": "carried_out", "reason": "seen", "seen": "re_1"}

    asked_for = first.client.post(f"/payments/unknown/{operation.public_id}/", form)
    decision = OutcomeDecision.objects.get()
    queue = second.client.get("/payments/approvals/").content.decode()
    approved = second.client.post(
        f"/payments/decisions/{decision.public_id}/approve/", {"operation": FORM}
    )

    assert (asked_for.status_code, approved.status_code) == (302, 302)
    assert 'data-row-key="a"' in queue
    assert "Approve: carried out" in queue
    operation.refresh_from_db()
    assert operation.status == "done"


def test_the_same_form_twice_asks_once(operation: ProviderOperation) -> None:
    desk = Desk(people.senior_agent())
    form = {"operation": FORM, "outcome": "not_carried_out", "reason": "not there"}

    answers = [
        desk.client.post(f"/payments/unknown/{operation.public_id}/", form) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert OutcomeDecision.objects.count() == 1


def test_without_a_reason_or_an_outcome_nothing_is_asked(operation: ProviderOperation) -> None:
    desk = Desk(people.senior_agent())

    answer = desk.client.post(f"/payments/unknown/{operation.public_id}/", {"operation": FORM})

    assert answer.status_code == 422
    assert "Write how you know what became of it." in answer.content.decode()
    assert not OutcomeDecision.objects.exists()


def test_who_found_it_is_told_that_somebody_else_decides(operation: ProviderOperation) -> None:
    person = people.finance()
    decision = asked(operation, by=person)

    queue = page(person, "approvals/")
    answer = Desk(person).client.post(
        f"/payments/decisions/{decision.public_id}/approve/", {"operation": FORM}, follow=True
    )

    assert "so somebody else has to decide" in queue
    assert "so somebody else has to decide" in answer.content.decode()
    operation.refresh_from_db()
    assert operation.status == "unknown"


def test_it_is_refused_with_a_reason_and_taken_back_by_who_found_it(
    operation: ProviderOperation,
) -> None:
    person = people.senior_agent()
    decision = asked(operation, by=person)
    Desk(people.finance()).client.post(
        f"/payments/decisions/{decision.public_id}/refuse/",
        {"operation": FORM, "reason": "another one"},
    )
    again = asked(operation, by=person)

    Desk(person).client.post(
        f"/payments/decisions/{again.public_id}/withdraw/", {"operation": FORM}
    )

    statuses = OutcomeDecision.objects.order_by("pk").values_list("status", "refusal")
    assert list(statuses) == [("refused", "another one"), ("withdrawn", "")]


def test_the_rail_tells_who_found_it_and_who_approved(operation: ProviderOperation) -> None:
    decision = asked(operation)
    Desk(people.finance()).client.post(
        f"/payments/decisions/{decision.public_id}/approve/", {"operation": FORM}
    )

    body = page(people.supervisor(), f"{operation.intent.public_id}/")

    assert "found carried out by" in body
    assert "Approved by" in body


def test_the_open_pages_of_those_who_decide_hear_of_it(operation: ProviderOperation) -> None:
    before = approval_news.version()

    asked(operation)

    assert approval_news.version() == before + 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN, Role.AUDITOR])
def test_others_neither_see_nor_decide(role: str, operation: ProviderOperation) -> None:
    desk = Desk(people.UserFactory.create(role=role))
    decision = asked(operation)

    answers = [
        desk.client.get("/payments/unknown/"),
        desk.client.post(f"/payments/unknown/{operation.public_id}/", {"operation": FORM}),
        desk.client.post(f"/payments/decisions/{decision.public_id}/approve/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not PaymentEvent.objects.filter(source="operator", subject_kind="refund").exists()


def test_the_api_lists_finds_and_approves(operation: ProviderOperation) -> None:
    finding = Api(policy.VIEW_PAYMENT, policy.DECIDE_OUTCOME, role=Role.SENIOR_AGENT)
    deciding = Api(policy.VIEW_PAYMENT, policy.APPROVE_OUTCOME, role=Role.FINANCE)
    body = {"operation": operation.public_id, "outcome": "carried_out", "reason": "seen"}

    listed = finding.get("operations?status=unknown").data["results"]
    found = finding.post("decisions", body, key="k")
    again = finding.post("decisions", body, key="k")
    own = finding.post(f"decisions/{found.data['id']}/approve")
    approved = deciding.post(f"decisions/{found.data['id']}/approve")

    assert [one["subject"] for one in listed] == [operation.subject.public_id]
    assert (found.status_code, again.status_code, own.status_code) == (202, 200, 403)
    assert approved.data["status"] == "approved"
    assert approved.data["decided_by"] == deciding.key.owner.public_id
    assert finding.get(f"operations/{operation.public_id}").data["status"] == "done"


def test_the_api_refuses_and_withdraws_and_leaves_it_unknown(
    operation: ProviderOperation,
) -> None:
    program = Api(policy.VIEW_PAYMENT, policy.DECIDE_OUTCOME, role=Role.FINANCE)
    deciding = Api(policy.APPROVE_OUTCOME, role=Role.FINANCE)
    body = {"operation": operation.public_id, "outcome": "not_carried_out", "reason": "seen"}

    first = program.post("decisions", body).data["id"]
    refused = deciding.post(f"decisions/{first}/refuse", {"reason": "no"})
    second = program.post("decisions", body).data["id"]
    withdrawn = program.post(f"decisions/{second}/withdraw")
    nothing = program.post("decisions", {**body, "operation": "op_nothing"})

    assert (refused.data["status"], withdrawn.data["status"]) == ("refused", "withdrawn")
    assert nothing.status_code == 404
    operation.refresh_from_db()
    assert operation.status == "unknown"
