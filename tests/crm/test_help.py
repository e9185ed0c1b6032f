"""Help: of the screen one is on, in one's own language, found by words, and only ever text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crm import help as helping
from tests.clients import signed_in
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from core.models import User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FILES = sorted(helping.HERE.glob("*/*.toml"))


@pytest.fixture
def user() -> User:
    return agent()


@pytest.fixture
def client(user: User) -> Client:
    return signed_in(user)


def speaking(user: User, language: str) -> Client:
    client = signed_in(user)
    client.cookies["django_language"] = language
    return client


def test_a_page_leads_to_its_own_help(client: Client) -> None:
    customer = CustomerFactory.create()

    desk = client.get("/").content.decode()
    notes = client.get(f"/customers/{customer.public_id}/notes/").content.decode()
    timeline = client.get(f"/customers/{customer.public_id}/timeline/").content.decode()

    assert 'href="/help/desk/" hx-get="/help/desk/"' in desk
    assert 'hx-get="/help/notes/"' in notes
    assert 'hx-get="/help/customer/"' in timeline


def test_it_says_what_the_screen_is_for_how_and_what_people_ask(client: Client) -> None:
    page = client.get("/help/pay/").content.decode()
    panel = client.get("/help/pay/", headers=HTMX).content.decode()

    for text in (page, panel):
        assert "<dt>Send a pay link <kbd>L</kbd> <kbd>Enter</kbd></dt>" in text
        assert "<summary>The customer says a card number?</summary>" in text
    assert "<html" in page
    assert "<html" not in panel


def test_it_speaks_finnish_and_says_where_it_is_english_only(user: User) -> None:
    finnish = speaking(user, "fi").get("/help/pay/").content.decode()
    swedish = speaking(user, "sv").get("/help/pay/").content.decode()

    assert "Lähetä maksulinkki" in finnish
    assert 'lang="en">' not in finnish
    assert "Send a pay link" in swedish
    assert '<div lang="en">' in swedish
    assert "Den här hjälpen finns bara på engelska." in swedish


def test_words_find_the_screens_that_speak_of_all_of_them(client: Client) -> None:
    found = client.post("/help/", {"term": "CREDIT note"}).content.decode()
    nothing = client.post("/help/", {"term": "xyzzy"}).content.decode()

    assert "/help/refund/" in found
    assert "/help/softphone/" not in found
    assert "No help speaks of that" in nothing


def test_a_screen_that_is_named_so_stands_first_and_accents_do_not_matter() -> None:
    assert helping.search("refund", "en")[0].name in {"refund", "approvals"}
    assert helping.search("tyopoyta", "fi")[0].name == "desk"


def test_without_words_everything_is_listed(client: Client) -> None:
    page = client.get("/help/").content.decode()

    assert page.count("data-row>") == len(helping.screens("en"))


def test_what_was_typed_is_shown_as_text_and_no_card_number_back(client: Client) -> None:
    page = client.post("/help/", {"term": "<b>4111 1111 1111 1111</b>"}).content.decode()

    assert "<b>•" not in page
    assert "&lt;b&gt;••••1111&lt;/b&gt;" in page
    assert "4111 1111" not in page


@pytest.mark.parametrize("name", ["nothing", "..", "en"])
def test_help_that_does_not_exist_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}/").status_code == 404


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    client.logout()

    assert client.get("/help/").status_code == 302
    assert client.get("/help/desk/", headers=HTMX).status_code == 401


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_is_short_and_whole(path: Path) -> None:
    told = tomllib.loads(path.read_text())

    assert set(told) <= {"order", "views", "title", "purpose", "steps", "questions"}
    assert 2 <= len(told["steps"]) <= 5
    assert 2 <= len(told["questions"]) <= 4
    assert all(set(step) <= {"do", "keys", "how"} for step in told["steps"])
    assert all(len(text) < 260 for text in helping._read(path, "en").texts())


def test_the_languages_have_the_same_screens_steps_and_keys() -> None:
    english, finnish = (
        {
            name: (one.order, [step.keys for step in one.steps], len(one.questions))
            for name, one in helping._read_all(language).items()
        }
        for language in helping.LANGUAGES
    )

    assert english == finnish


def test_it_costs_few_statements(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for path in ("/help/", "/help/desk/"):
        with django_assert_max_num_queries(6):
            client.get(path)
