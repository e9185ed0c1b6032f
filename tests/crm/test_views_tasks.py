from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from core.ids import make_public_id
from core.models import Role
from crm.models import Task
from crm.services.tasks import make_task
from crm.task_forms import tomorrow_morning
from tests.clients import signed_in
from tests.factories.core import UserFactory, agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from core.models import User
    from crm.models import Customer

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
LIST = "/tasks/"


def task_of(
    user: User | None,
    text: str,
    *,
    hours: int = 1,
    customer: Customer | None = None,
) -> Task:
    return make_task(
        kind="follow_up",
        due_at=timezone.now() + timedelta(hours=hours),
        actor="test",
        assigned_to=user,
        text=text,
        customer=customer,
    )


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"mine", "late", "nobody's"}),
        ("?whose=mine", {"mine", "late"}),
        ("?whose=unassigned", {"nobody's"}),
        ("?whose=all", {"mine", "late", "nobody's", "another's"}),
        ("?whose=mine&overdue=on", {"late"}),
        ("?whose=everything&overdue=4", {"late"}),
    ],
)
def test_the_address_says_which_tasks_are_shown(query: str, seen: set[str]) -> None:
    user = agent()
    tasks = {
        "mine": task_of(user, "mine"),
        "late": task_of(user, "late", hours=-1),
        "nobody's": task_of(None, "nobody's"),
        "another's": task_of(agent(), "another's"),
    }

    text = signed_in(user).get(f"{LIST}{query}").content.decode()

    shown = {name for name, task in tasks.items() if f"/tasks/{task.public_id}/done/" in text}
    assert shown == seen


def test_a_task_is_written_down_once_and_stands_on_desk_and_customer() -> None:
    user, customer = agent(), CustomerFactory.create()
    browser = signed_in(user)
    data = {
        "operation": make_public_id("task"),
        "kind": "call_back",
        "text": "Ask for the meter, not for 4242 4242 4242 4242",
        "due_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "is_mine": "on",
    }
    for _ in range(2):
        browser.post(reverse("crm:create-task-of", args=[customer.public_id]), data)

    task = Task.objects.get()
    assert task.assigned_to == user
    assert task.text == "Ask for the meter, not for ••••4242"
    for page in ("/", reverse("crm:tasks-of", args=[customer.public_id]), LIST):
        text = browser.get(page).content.decode()
        assert "Ask for the meter" in text, page


def test_done_offers_to_be_taken_back_where_one_was() -> None:
    user = agent()
    task = task_of(user, "ring")
    browser = signed_in(user)

    answer = browser.post(f"/tasks/{task.public_id}/done/", {"next": "/tasks/?whose=mine"})

    assert answer.headers["Location"] == f"/tasks/?whose=mine&done={task.public_id}"
    text = browser.get(answer.headers["Location"]).content.decode()
    assert f"/tasks/{task.public_id}/undo/" in text
    back = browser.post(f"/tasks/{task.public_id}/undo/", {"next": answer.headers["Location"]})
    assert back.headers["Location"] == "/tasks/?whose=mine"
    task.refresh_from_db()
    assert task.done_at is None


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "", "javascript:1"]
)
def test_nobody_is_led_to_another_site(address: str) -> None:
    task = task_of(None, "ring")

    answer = signed_in(agent()).post(f"/tasks/{task.public_id}/take/", {"next": address})

    assert answer.headers["Location"].startswith(LIST)


@pytest.mark.parametrize("done", ["", "../..", "4242 4242", "task_1&x", "<b>"])
def test_an_odd_address_breaks_no_page(done: str) -> None:
    assert signed_in(agent()).get(LIST, {"done": done}).status_code == 200


def test_it_is_put_off_until_the_morning() -> None:
    task = task_of(None, "ring")

    signed_in(agent()).post(f"/tasks/{task.public_id}/snooze/", {"until": "tomorrow"})

    task.refresh_from_db()
    assert task.due_at == tomorrow_morning()


def test_nonsense_puts_nothing_off() -> None:
    task = task_of(None, "ring")

    signed_in(agent()).post(f"/tasks/{task.public_id}/snooze/", {"until": "never"})

    before = task.due_at
    task.refresh_from_db()
    assert task.due_at == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_only_looks_changes_nothing(role: str) -> None:
    task = task_of(None, "ring")
    browser = signed_in(UserFactory.create(role=role))

    answers = [
        browser.post(f"/tasks/{task.public_id}/{act}/").status_code
        for act in ("done", "undo", "snooze", "take")
    ]

    assert answers == [403] * 4
    assert browser.get("/tasks/new/").status_code == 403
    text = browser.get(LIST).content.decode()
    assert "ring" in text
    assert "/done/" not in text
    task.refresh_from_db()
    assert task.done_at is None


def test_one_task_shows_what_can_be_done_with_it() -> None:
    customer = CustomerFactory.create(name="Matti Virtanen")
    task = task_of(None, "ring", customer=customer)

    text = signed_in(agent()).get(f"/tasks/{task.public_id}/").content.decode()

    assert "Matti Virtanen" in text
    assert 'data-key="d"' in text
    assert signed_in(agent()).get("/tasks/task_nobody/").status_code == 404


def test_a_long_list_asks_no_more_than_a_short_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user, customer = agent(), CustomerFactory.create()
    for number in range(30):
        task_of(user if number % 2 else None, f"n{number}", customer=customer)
    browser = signed_in(user)

    own = reverse("crm:tasks-of", args=[customer.public_id])
    # How providers do is looked at once in five seconds, by whichever page comes first.
    browser.get(reverse("crm:customer", args=[customer.public_id]))
    for page in (LIST, "/", own, reverse("crm:customer", args=[customer.public_id])):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert browser.get(page).status_code == 200
