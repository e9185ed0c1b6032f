"""What each operation of the API needs, tried with every permission there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from core import openapi, policy
from core.models import AuditEvent
from tests.api import PREFIX, Api
from tests.factories.orders import OrderFactory
from tests.factories.pay_links import open_link
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from core.policy import Permission

pytestmark = pytest.mark.django_db

NEEDED: dict[str, set[Permission]] = {
    "list_customers": {policy.VIEW_CUSTOMER},
    "retrieve_customer": {policy.VIEW_CUSTOMER},
    "create_customer": {policy.VIEW_CUSTOMER, policy.EDIT_CUSTOMER},
    "update_customer": {policy.VIEW_CUSTOMER, policy.EDIT_CUSTOMER},
    "list_orders": {policy.VIEW_ORDER},
    "retrieve_order": {policy.VIEW_ORDER},
    "create_order": {policy.VIEW_ORDER, policy.EDIT_ORDER},
    "cancel_order": {policy.EDIT_ORDER},
    "list_invoices": {policy.VIEW_ORDER},
    "retrieve_invoice": {policy.VIEW_ORDER},
    "retrieve_invoice_pdf": {policy.VIEW_ORDER},
    "create_invoice": {policy.VIEW_ORDER, policy.EDIT_ORDER},
    "list_promises": {policy.VIEW_ORDER},
    "retrieve_promise": {policy.VIEW_ORDER},
    "create_promise": {policy.VIEW_ORDER, policy.ARRANGE_PAYMENT},
    "withdraw_promise": {policy.ARRANGE_PAYMENT},
    "list_instalment_plans": {policy.VIEW_ORDER},
    "retrieve_instalment_plan": {policy.VIEW_ORDER},
    "create_instalment_plan": {policy.VIEW_ORDER, policy.ARRANGE_PAYMENT},
    "withdraw_instalment_plan": {policy.ARRANGE_PAYMENT},
    "list_tasks": {policy.VIEW_CUSTOMER},
    "create_task": {policy.VIEW_CUSTOMER, policy.EDIT_TASK},
    "done_task": {policy.EDIT_TASK},
    "list_products": {policy.VIEW_ORDER},
    "list_payment_intents": {policy.VIEW_PAYMENT},
    "retrieve_payment_intent": {policy.VIEW_PAYMENT},
    "create_payment_intent": {policy.VIEW_PAYMENT, policy.TAKE_PAYMENT},
    "capture_payment_intent": {policy.TAKE_PAYMENT},
    "cancel_payment_intent": {policy.CANCEL_PAYMENT},
    "list_checkout_sessions": {policy.VIEW_PAYMENT},
    "retrieve_checkout_session": {policy.VIEW_PAYMENT},
    "create_checkout_session": {policy.VIEW_PAYMENT, policy.TAKE_PAYMENT},
    "close_checkout_session": {policy.CANCEL_PAYMENT},
    "list_refunds": {policy.VIEW_PAYMENT},
    "retrieve_refund": {policy.VIEW_PAYMENT},
    "create_refund": {policy.VIEW_PAYMENT, policy.REFUND},
    "approve_refund": {policy.APPROVE_REFUND},
    "refuse_refund": {policy.APPROVE_REFUND},
    "withdraw_refund": {policy.REFUND},
    "list_surplus_moves": {policy.VIEW_PAYMENT},
    "retrieve_surplus_move": {policy.VIEW_PAYMENT},
    "create_surplus_move": {policy.VIEW_PAYMENT, policy.MOVE_SURPLUS},
    "approve_surplus_move": {policy.APPROVE_REFUND},
    "refuse_surplus_move": {policy.APPROVE_REFUND},
    "withdraw_surplus_move": {policy.MOVE_SURPLUS},
    "take-back_surplus_move": {policy.MOVE_SURPLUS},
    "list_operations": {policy.VIEW_PAYMENT},
    "retrieve_operation": {policy.VIEW_PAYMENT},
    "list_decisions": {policy.VIEW_PAYMENT},
    "retrieve_decision": {policy.VIEW_PAYMENT},
    "create_decision": {policy.VIEW_PAYMENT, policy.DECIDE_OUTCOME},
    "approve_decision": {policy.APPROVE_OUTCOME},
    "refuse_decision": {policy.APPROVE_OUTCOME},
    "withdraw_decision": {policy.DECIDE_OUTCOME},
    "list_feedback": {policy.VIEW_REPORTS},
    "list_events": {policy.VIEW_PAYMENT},
}
OF_THE_GATEWAY = {"create_message_delivery"}
OPERATIONS = {
    operation["operationId"]: (method, path)
    for path, operations in openapi.document()["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture
def ids() -> dict[str, str]:
    """Something of each kind that an address can name."""
    session = open_link()
    capture = paid_capture()
    return {
        "customers": capture.attempt.intent.customer.public_id,
        "orders": OrderFactory.create().public_id,
        "invoices": session.intent.items.earliest("pk").invoice.public_id,
        "payment-intents": session.intent.public_id,
        "checkout-sessions": session.public_id,
        "promises": "ptp_nothing",
        "refunds": "re_nothing",
        "operations": "op_nothing",
        "decisions": "dec_nothing",
        "surplus-moves": "mov_nothing",
        "instalment-plans": "plan_nothing",
        "tasks": "task_nothing",
    }


def status_of(api: Api, name: str, ids: dict[str, str]) -> int:
    """Ask without a body: whoever is let in is then refused for that, and nothing is written."""
    method, path = OPERATIONS[name]
    address = path.removeprefix(PREFIX)
    address = address.replace("{public_id}", ids.get(address.partition("/")[0], ""))
    answer = api.send(method, address, json.dumps({"unheard_of": 1}) if method != "get" else "")
    return int(answer.status_code)


def test_the_table_names_every_operation() -> None:
    assert OPERATIONS.keys() - OF_THE_GATEWAY == NEEDED.keys()


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_an_operation_needs_just_its_permissions(name: str, ids: dict[str, str]) -> None:
    needed = NEEDED[name]

    assert status_of(Api(*needed), name, ids) in {200, 404, 422}
    before = AuditEvent.objects.count()
    for missing in needed:
        others = [one for one in policy.Permission if one != missing]
        assert status_of(Api(*others), name, ids) == 403, missing
    assert status_of(Api(), name, ids) == 403
    assert AuditEvent.objects.count() == before


def test_a_permission_that_is_none_opens_nothing(ids: dict[str, str]) -> None:
    api = Api(*policy.Permission)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_apikey SET permissions = '{everything,*,view_paymen}'")

    assert {status_of(api, name, ids) for name in NEEDED} == {403}


def test_a_key_of_this_program_is_not_the_gateways_token(ids: dict[str, str]) -> None:
    assert status_of(Api(*policy.Permission), "create_message_delivery", ids) == 403
