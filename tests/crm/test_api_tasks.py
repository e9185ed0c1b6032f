from __future__ import annotations

import pytest

from core import policy
from crm.models import Task
from tests.crm.test_api import Api
from tests.factories.crm import CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.crm.urls")]

RING = {"kind": "call_back", "text": "Router", "due_at": "2026-11-27T07:00:00Z"}


def test_a_task_is_made_once_per_key_and_done() -> None:
    api = Api(policy.VIEW_CUSTOMER, policy.EDIT_TASK)
    customer = CustomerFactory.create()

    made = api.post("tasks", {**RING, "customer": customer.public_id})
    again = api.post("tasks", {**RING, "customer": customer.public_id})
    done = api.post(f"tasks/{made.data['id']}/done", {}, key="")

    assert made.status_code == 201
    assert again.data["id"] == made.data["id"]
    assert made.data["customer"] == customer.public_id
    assert made.data["assigned_to"] is None
    assert done.data["done_at"]
    assert Task.objects.count() == 1


def test_the_list_is_narrowed() -> None:
    api = Api(policy.VIEW_CUSTOMER, policy.EDIT_TASK)
    customer = CustomerFactory.create()
    first = api.post("tasks", {**RING, "customer": customer.public_id}).data["id"]
    second = api.post("tasks", RING, key="k2").data["id"]
    api.post(f"tasks/{second}/done", {}, key="")

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in api.get("tasks", **query).data["results"]]

    assert ids() == [second, first]
    assert ids(customer=customer.public_id) == [first]
    assert ids(is_done="false") == [first]
    assert ids(is_done="true") == [second]
    assert ids(due_at__lte="2026-11-26T00:00:00Z") == []


def test_who_may_only_look_makes_nothing() -> None:
    api = Api(policy.VIEW_CUSTOMER)

    assert api.post("tasks", RING).status_code == 403
    assert not Task.objects.exists()


def test_what_is_wrong_is_refused() -> None:
    api = Api(policy.VIEW_CUSTOMER, policy.EDIT_TASK)

    assert api.post("tasks", {**RING, "kind": "dance"}).status_code == 422
    assert api.post("tasks", {**RING, "customer": "cus_nobody"}, key="k2").status_code == 404
    assert api.post("tasks/task_nobody/done", {}, key="").status_code == 404
    assert not Task.objects.exists()
