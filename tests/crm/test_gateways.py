from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import pytest
from django.core.mail.backends import locmem

from crm.gateways import (
    EmailGateway,
    GatewayAnswer,
    GatewayRejected,
    GatewayUnavailable,
    HttpGateway,
    Outgoing,
    SendingUnknown,
)

if TYPE_CHECKING:
    from tests.crm.gateway_server import GatewayServer

MESSAGE = Outgoing("msg_1", "email", "a@example.com", "s", "t")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (smtplib.SMTPServerDisconnected("gone"), SendingUnknown),
        (TimeoutError(), SendingUnknown),
        (smtplib.SMTPDataError(451, b"later"), GatewayUnavailable),
        (smtplib.SMTPDataError(550, b"no"), GatewayRejected),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"no")}), GatewayRejected),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (450, b"grey")}), GatewayUnavailable),
    ],
)
def test_smtp_errors_are_sorted_by_whether_it_may_have_left(
    error: Exception, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)

    with pytest.raises(kind):
        EmailGateway().send(MESSAGE)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("lost", SendingUnknown),
        ("garbled", SendingUnknown),
        (500, SendingUnknown),
        (503, SendingUnknown),
        (429, GatewayUnavailable),
        (302, GatewayRejected),
        (401, GatewayRejected),
        (422, GatewayRejected),
    ],
)
def test_http_errors_are_sorted_by_whether_it_may_have_left(
    gateway: GatewayServer, fault: int | str, kind: type[Exception]
) -> None:
    gateway.faults = [fault]

    with pytest.raises(kind):
        HttpGateway().send(MESSAGE)


def test_a_status_that_we_do_not_know_counts_as_sent(gateway: GatewayServer) -> None:
    gateway.status = "accepted"

    assert HttpGateway().send(MESSAGE) == GatewayAnswer("gw-msg_1", "sent")


def test_the_same_key_reaches_the_customer_once(gateway: GatewayServer) -> None:
    for _ in range(3):
        HttpGateway().send(MESSAGE)

    assert gateway.effects == {"msg_1": 1}
