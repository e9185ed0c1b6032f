from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from core.locks import NetworkInsideTransaction
from crm import gateways
from crm.gateways import (
    GatewayAnswer,
    MessageGateway,
    Outgoing,
    SendingUnknown,
)
from crm.models import OutgoingMessage
from crm.services import messages, practising, sending
from crm.services.messages import Rendered
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.crm.gateway_server import GatewayServer

pytestmark = pytest.mark.django_db

Status = OutgoingMessage.Status


class Keyless(MessageGateway):
    """A gateway that does not know keys, such as a plain SMTP server, with one scripted end."""

    def __init__(self, end: Exception | None = None) -> None:
        self.end = end
        self.sent = 0

    def send(self, message: Outgoing) -> GatewayAnswer:
        self.sent += 1
        if self.end:
            raise self.end
        return GatewayAnswer(reference="")


def again_at_once() -> None:
    OutgoingMessage.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_a_message_goes_out_in_the_words_and_language_of_its_reader(
    gateway: GatewayServer, settings: Settings
) -> None:
    settings.MESSAGE_GATEWAY_TOKEN = "token"
    languages: list[str | None] = []

    def render(message: OutgoingMessage) -> Rendered:
        languages.append(translation.get_language())
        return Rendered(subject="", text="moi")

    messages.register("greeting", render)
    message = OutgoingMessageFactory.create(language="sv")

    assert sending.drain() == 1

    message.refresh_from_db()
    assert (message.status, message.gateway_reference) == ("sent", f"gw-{message.public_id}")
    assert message.lease_token is None
    assert message.sent_at is not None
    assert languages == ["sv"]
    assert gateway.tokens == ["Bearer token"]
    assert gateway.requests == [
        {
            "id": message.public_id,
            "channel": "sms",
            "to": "+358401234567",
            "subject": "",
            "text": "moi",
            "html": "",
        }
    ]
    assert sending.drain() == 0


def test_a_lost_answer_is_asked_for_again_with_the_same_key(gateway: GatewayServer) -> None:
    gateway.faults = ["lost", "garbled", 502]
    message = OutgoingMessageFactory.create()

    for expected in (Status.SENDING, Status.SENDING, Status.SENDING, Status.SENT):
        again_at_once()
        sending.drain()
        message.refresh_from_db()
        assert message.status == expected

    assert len(gateway.requests) == 4
    assert gateway.effects == {message.public_id: 1}


def test_a_lost_answer_stays_unknown_where_the_gateway_knows_no_keys(
    monkeypatch: pytest.MonkeyPatch, gateway: GatewayServer
) -> None:
    keyless = Keyless(SendingUnknown("the line broke"))
    monkeypatch.setattr(gateways, "for_channel", lambda channel: keyless)
    message = OutgoingMessageFactory.create()

    for _ in range(3):
        again_at_once()
        sending.drain()

    message.refresh_from_db()
    assert (message.status, message.error) == ("unknown", "the line broke")
    assert keyless.sent == 1


@pytest.mark.parametrize(
    ("honours_key", "tries", "end"), [(True, 1, "sent"), (False, 0, "unknown")]
)
def test_after_a_crash_while_sending_only_a_key_allows_a_second_try(
    gateway: GatewayServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    honours_key: bool,
    tries: int,
    end: str,
) -> None:
    monkeypatch.setattr(gateways.HttpGateway, "honours_key", honours_key)
    message = OutgoingMessageFactory.create(
        status=Status.SENDING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )

    sending.drain()

    message.refresh_from_db()
    assert message.status == end
    assert len(gateway.requests) == tries


def test_a_message_that_is_being_sent_is_left_alone(gateway: GatewayServer) -> None:
    OutgoingMessageFactory.create(
        status=Status.SENDING, lease_until=timezone.now() + timedelta(seconds=60)
    )

    assert sending.drain() == 0
    assert gateway.requests == []


def test_a_sender_whose_lease_ran_out_sends_nothing(gateway: GatewayServer) -> None:
    message = OutgoingMessageFactory.create()
    render = messages.renderer_of("greeting")
    assert render is not None

    def slow(slowly: OutgoingMessage) -> Rendered:
        # Meanwhile somebody else takes the message.
        OutgoingMessage.objects.update(lease_token=uuid.uuid4())
        return render(slowly)

    messages.register("greeting", slow)

    assert sending.drain() == 0

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("queued", 0)
    assert gateway.requests == []


def test_a_refusal_is_final(gateway: GatewayServer) -> None:
    gateway.faults = [422]
    message = OutgoingMessageFactory.create()

    sending.drain()
    again_at_once()
    sending.drain()

    message.refresh_from_db()
    assert (message.status, message.error) == ("failed", "HTTP 422")
    assert len(gateway.requests) == 1
    assert not gateway.effects


def test_an_absent_gateway_is_tried_again_and_given_up_in_the_end(
    gateway: GatewayServer, settings: Settings
) -> None:
    settings.MESSAGE_GATEWAY_URL = "http://127.0.0.1:9/"
    message = OutgoingMessageFactory.create()

    sending.drain()
    message.refresh_from_db()
    assert (message.status, message.attempts, message.error) == ("queued", 1, "ConnectError")
    assert message.next_attempt_at is not None
    assert message.next_attempt_at > timezone.now()
    assert sending.drain() == 0

    for _ in sending.PAUSES:
        again_at_once()
        sending.drain()

    message.refresh_from_db()
    assert message.status == "failed"


def test_one_broken_message_does_not_stop_the_others(
    gateway: GatewayServer, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "https://pay.example/secret"

    def broken(message: OutgoingMessage) -> Rendered:
        raise ValueError(secret)

    messages.register("broken", broken)
    bad = OutgoingMessageFactory.create(kind="broken")
    orphan = OutgoingMessageFactory.create(kind="nobody-renders-this")
    good = OutgoingMessageFactory.create()

    sending.drain()

    for message in (bad, orphan, good):
        message.refresh_from_db()
    assert (bad.status, bad.error, bad.attempts) == ("queued", "ValueError", 1)
    assert orphan.status == "failed"
    assert good.status == "sent"
    assert secret not in caplog.text


def test_a_channel_without_a_gateway_fails_with_a_reason(settings: Settings) -> None:
    settings.MESSAGE_GATEWAY_URL = ""
    message = OutgoingMessageFactory.create()

    sending.drain()

    message.refresh_from_db()
    assert (message.status, message.error) == ("failed", "no gateway for this channel")


def test_nothing_is_sent_inside_a_transaction(gateway: GatewayServer) -> None:
    OutgoingMessageFactory.create()

    with pytest.raises(NetworkInsideTransaction), transaction.atomic():
        sending.drain()

    assert gateway.requests == []


def test_email_goes_out_with_a_plain_and_a_rich_body(settings: Settings) -> None:
    settings.MESSAGE_GATEWAY_URL = ""
    messages.register("greeting", lambda message: Rendered("Hei", "moi", "<p>moi</p>"))
    message = OutgoingMessageFactory.create(channel="email", destination="aino@example.com")

    sending.drain()

    message.refresh_from_db()
    assert message.status == "sent"
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["aino@example.com"], "Hei", "moi")
    assert sent.extra_headers["X-Kuitti-Message"] == message.public_id


def test_sending_costs_a_fixed_number_of_statements_a_message(gateway: GatewayServer) -> None:
    def statements(count: int) -> int:
        OutgoingMessageFactory.create_batch(count)
        with CaptureQueriesContext(connection) as queries:
            assert sending.drain() == count
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    # Two claims (the last finds nothing), one read, and for each message a mark and a settling.
    assert statements(1) == 5
    assert statements(5) == 13


def test_what_is_written_to_a_practice_customer_leaves_by_no_gateway(
    gateway: GatewayServer,
) -> None:
    for channel in ("sms", "email"):
        customer = CustomerFactory.create()
        practising.mark(customer)
        OutgoingMessageFactory.create(channel=channel, customer=customer)

    assert sending.drain() == 2

    assert set(OutgoingMessage.objects.values_list("status", flat=True)) == {"delivered"}
    assert (gateway.requests, mail.outbox) == ([], [])


def test_without_the_mark_both_would_leave(gateway: GatewayServer) -> None:
    """The proof that the test before this one can fail."""
    for channel in ("sms", "email"):
        OutgoingMessageFactory.create(channel=channel)

    assert sending.drain() == 2

    assert (len(gateway.requests), len(mail.outbox)) == (1, 1)
