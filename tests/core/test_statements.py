"""Each answer says how many statements it took, where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from core import policy, rows, statements
from core.models import User
from core.remembered import Remembered
from tests.factories.core import UserFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@policy.public
def three(request: HttpRequest) -> HttpResponse:
    """A page that asks three times, in both ways of the house, and twice for others, too."""
    User.objects.exists()
    User.objects.count()
    rows.select("SELECT 1", [])
    LATELY.get("two", lambda: [LATELY.get("one", User.objects.exists), User.objects.count()])
    return HttpResponse("three")


LATELY: Remembered[str, object] = Remembered(60)
urlpatterns = [path("three", three)]


@pytest.fixture
def _counted() -> Iterator[None]:
    statements.count_on(connection)
    statements.count_on(connection)
    yield
    connection.execute_wrappers.clear()


@pytest.mark.usefixtures("_counted")
def test_an_answer_says_what_it_asked_and_nothing_of_what_was_before(settings: Settings) -> None:
    settings.SERVER_TIMING = True
    UserFactory.create()
    LATELY.forget()

    answers = [Client().get("/three")["Server-Timing"] for _ in range(2)]

    assert answers == ['sql;desc="3", shared;desc="2"', 'sql;desc="3", shared;desc="0"']


@pytest.mark.usefixtures("_counted")
def test_it_says_nothing_unless_that_is_wanted(settings: Settings) -> None:
    settings.SERVER_TIMING = False

    assert "Server-Timing" not in Client().get("/three")
