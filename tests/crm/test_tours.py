"""A tour for each role: short, at things that are there, and begun by itself once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from core.models import Role
from crm import tours
from crm.services.tours import mark_taken
from tests.clients import signed_in
from tests.factories.core import UserFactory, agent, supervisor

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
MARK = 'id="tour"'


def desk_of(user: User, query: str = "") -> str:
    return str(signed_in(user).get(f"/{query}").content.decode())


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_tour_of_at_most_eight_stops(role: str) -> None:
    stops = tours.stops_for(UserFactory.build(role=role))

    assert 5 <= len(stops) <= tours.MOST_STOPS
    assert len({stop.at for stop in stops}) == len(stops)


@pytest.mark.parametrize("role", [Role.AGENT, Role.FINANCE, Role.SUPERVISOR])
def test_every_stop_is_on_the_desk_of_the_role(role: str) -> None:
    user = UserFactory.create(role=role)

    page = desk_of(user)

    there = set(re.findall(r'data-tour="(\w+)"', page))
    assert {stop.at for stop in tours.stops_for(user)} <= there


def test_it_begins_by_itself_until_it_was_shown_and_again_when_asked_for() -> None:
    user = agent()

    first = desk_of(user)
    answer = signed_in(user).post("/tour/taken/")
    second, asked = desk_of(user), desk_of(user, "?tour")

    user.refresh_from_db()
    assert answer.status_code == 204
    assert (MARK in first, MARK in second, MARK in asked) == (True, False, True)
    assert user.tour_taken == "agent"


def test_reading_the_desk_alone_does_not_count_as_having_seen_it() -> None:
    user = agent()

    desk_of(user)
    signed_in(user).get("/tour/taken/")

    user.refresh_from_db()
    assert user.tour_taken == ""


def test_another_role_is_shown_around_again() -> None:
    user = agent()
    mark_taken(user)

    user.role = Role.SUPERVISOR

    assert tours.is_due(user)
    mark_taken(user)
    assert not tours.is_due(user)


def test_strangers_mark_nothing() -> None:
    client = signed_in(supervisor())
    client.logout()

    assert client.post("/tour/taken/").status_code == 302


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_stop_speaks_every_language(language: str) -> None:
    stops = [stop for tour in tours.TOURS.values() for stop in tour]
    with translation.override("en"):
        english = [str(text) for stop in stops for text in (stop.title, stop.text)]
    with translation.override(language):
        own = [str(text) for stop in stops for text in (stop.title, stop.text)]

    assert [text for text, same in zip(own, english, strict=True) if text == same] == []


def test_the_script_of_others_is_that_version_and_carries_its_licence() -> None:
    script = (ROOT / "static/vendor/driver.js").read_text()

    version = re.search(r'"driver\.js": "([\d.]+)"', (ROOT / "styles/package.json").read_text())
    assert version is not None
    assert script.startswith(f"/* driver.js {version[1]}\n\nThe MIT License")
    assert [path.name for path in (ROOT / "static/vendor").iterdir()] == ["driver.js"]
