"""One key, one control: what a customer's page offers in each state of a payment."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from payments.services import accounts, keyed, operations
from tests.factories import core as people
from tests.factories.calls import ring, tell
from tests.factories.desk import Desk
from tests.factories.payments import ProviderAccountFactory
from tests.payments.keypad_play import Play
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


class Bearers(HTMLParser):
    """The keys of the controls of a page that can be pressed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        told = dict(attrs)
        if "data-key" in told and "disabled" not in told:
            self.keys.append(str(told["data-key"]))


def keys_of(page: str) -> list[str]:
    return Bearers(page).keys


def doubled(keys: list[str]) -> list[str]:
    """The keys to which two answer."""
    return [key for key, count in Counter(keys).items() if count > 1]


@pytest.fixture
def desk(sandbox: SandboxServer) -> Desk:
    """An agent who may key cards, on a call whose recording is paused."""
    ProviderAccountFactory.create(credentials=sandbox.credentials)
    accounts.forget()
    found = Desk(people.supervisor())
    call = tell(ring(found.user), "answered", 1)
    tell(tell(call, "recording_started", 2), "recording_paused", 3)
    return found


def ask_for_a_page(desk: Desk) -> list[str]:
    """Press M and Enter; the keys of the panel and then, once the page is there, of the rail."""
    answer = desk.take(destination="", is_keyed="1").content.decode()
    panel, rail, _ = answer.partition('<div id="rail-live"')
    assert rail
    operations.drain()
    path = reverse("payments:rail", args=[desk.customer.public_id])
    news = desk.get(path).content.decode()
    return keys_of(panel) + keys_of(news)


def test_who_asked_for_a_card_page_has_one_key_to_open_it(desk: Desk) -> None:
    keys = ask_for_a_page(desk)

    assert keys.count("m") == 1
    assert doubled(keys) == []


def test_a_panel_that_knew_only_pages_that_are_there_would_keep_the_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above."""
    asked = keyed.asked_pages
    monkeypatch.setattr(keyed, "asked_pages", lambda: asked().exclude(page_url=""))

    assert doubled(ask_for_a_page(desk)) == ["m"]


def test_no_two_controls_of_the_page_answer_to_one_key(desk: Desk) -> None:
    desk.saved_card()
    fresh = desk.page()
    desk.sent()
    sent = desk.page()
    desk.take(destination="", is_keyed="1")
    asked = desk.page()
    operations.drain()
    ready = desk.page()

    assert [doubled(keys_of(page)) for page in (fresh, sent, asked, ready)] == [[], [], [], []]
    counts = [keys_of(page).count("m") for page in (fresh, sent, asked, ready)]
    assert counts == [1, 1, 0, 1]


def test_a_keypad_and_its_charge_answer_to_one_key_one_after_the_other(
    sandbox: SandboxServer,
) -> None:
    play = Play(people.supervisor(), sandbox)
    offered = play.panel.page()
    play.begin()
    listening = play.panel.page()
    play.key_all()
    complete = play.panel.page()

    pages = (offered, listening, complete)
    assert [doubled(keys_of(page)) for page in pages] == [[], [], []]
    assert [keys_of(page).count("d") for page in pages] == [1, 0, 1]
