"""The message gateway and the page where its messages are seen."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.server import SandboxServer

_numbers = count(1)


def send(sandbox: SandboxServer, key: str = "", **changes: Any) -> httpx.Response:
    message = {
        "id": f"msg_{next(_numbers)}",
        "channel": "sms",
        "to": "+358401234567",
        "subject": "",
        "text": "Maksa tästä: https://kuitti.example/p/abc.",
        "html": "",
    }
    message |= changes
    headers = {"idempotency-key": key or message["id"]}
    return sandbox.http.post("/gateway/messages", json=message, headers=headers)


def test_a_message_is_delivered_and_seen(sandbox: SandboxServer) -> None:
    answer = send(sandbox, id="msg_seen", to="+358409999999")

    assert answer.json() == {"id": "msg_seen", "status": "delivered"}
    assert [one["id"] for one in sandbox.outbox("+358409999999")] == ["msg_seen"]


def test_the_same_key_sends_once(sandbox: SandboxServer) -> None:
    for _ in range(3):
        send(sandbox, key="sms-once", id="msg_once", to="+358408888888")

    assert len(sandbox.outbox("+358408888888")) == 1


@pytest.mark.parametrize("to", ["+358401234000", "nobody000@example.fi"])
def test_a_destination_that_ends_in_three_zeros_is_unreachable(
    sandbox: SandboxServer, to: str
) -> None:
    channel = "email" if "@" in to else "sms"

    assert send(sandbox, channel=channel, to=to).json()["status"] == "failed"


@pytest.mark.parametrize("change", [{"channel": "pigeon"}, {"to": ""}, {"id": ""}])
def test_a_message_to_nobody_is_refused(sandbox: SandboxServer, change: dict[str, str]) -> None:
    before = len(sandbox.outbox())

    answer = send(sandbox, key=f"bad-{change}", **change)

    assert answer.status_code == 422
    assert len(sandbox.outbox()) == before


def test_a_lost_answer_still_delivered_the_message(sandbox: SandboxServer) -> None:
    sandbox.next_fault("error_after", "message")

    assert send(sandbox, to="+358407777777").status_code == 500
    assert len(sandbox.outbox("+358407777777")) == 1


def test_links_can_be_clicked_and_nothing_else_is_markup(sandbox: SandboxServer) -> None:
    send(sandbox, text="<b>Maksa</b> https://kuitti.example/p/xyz?a=1&b=2, kiitos.")

    shown = sandbox.http.get("/outbox").text

    assert '<a href="https://kuitti.example/p/xyz?a=1&amp;b=2" rel="noreferrer">' in shown
    assert "<b>Maksa" not in shown


def test_the_newest_message_comes_first(sandbox: SandboxServer) -> None:
    send(sandbox, id="msg_older")
    send(sandbox, id="msg_newer")

    assert [one["id"] for one in sandbox.outbox()[:2]] == ["msg_newer", "msg_older"]


def test_a_letter_is_shown_where_it_can_do_nothing(sandbox: SandboxServer) -> None:
    send(
        sandbox,
        channel="email",
        to="asiakas@example.fi",
        subject="Kuitti",
        html="<p>Kiitos</p><script>alert(1)</script>",
    )
    listed = sandbox.http.get("/outbox").text
    address = listed.split('<a href="/outbox/')[1].split('"')[0]

    letter = sandbox.http.get(f"/outbox/{address}")

    assert "<p>Kiitos</p>" in letter.text
    assert letter.headers["content-security-policy"].startswith("sandbox")
    assert "script-src" not in letter.headers["content-security-policy"]
    assert sandbox.http.get("/outbox/999999").status_code == 404
