from __future__ import annotations

import smtplib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from core.errors import NotFound
from core.locks import NetworkInsideTransaction
from crm import gateways
from crm.errors import ChoiceUnknown
from crm.gateways import (
    EmailGateway,
    GatewayAnswer,
    GatewayRejected,
    GatewayUnavailable,
    MessageGateway,
    Outgoing,
    SendingUnknown,
)
from crm.models import OutgoingMessage
from crm.services import messages, sending
from crm.services.messages import Rendered, record_delivery
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from crm.services.messages import Wanted
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


def wanted(**changes: object) -> Wanted:
    return {
        "cause": "cap_1",
        "kind": "greeting",
        "channel": "sms",
        "destination": "+358401234567",
        "customer_id": CustomerFactory.create().pk,
        "language": "fi",
        "data": {"capture": "cap_1"},
        **changes,  # type: ignore[typeddict-item]
    }


def again_at_once() -> None:
    OutgoingMessage.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_asking_twice_for_one_cause_writes_one_message() -> None:
    first = messages.queue(**wanted())
    second = messages.queue(**wanted())
    other = messages.queue(**wanted(cause="resend_1"))

    assert first == second != other
    assert OutgoingMessage.objects.count() == 2


def test_a_message_goes_out_in_the_words_and_language_of_its_reader(
    gateway: GatewayServer, settings: SettingsWrapper
) -> None:
    settings.MESSAGE_GATEWAY_TOKEN = "token"
    languages: list[str | None] = []

    def render(message: OutgoingMessage) -> Rendered:
        languages.append(translation.get_language())
        return Rendered(subject="", text="moi")

    messages.register("greeting", render)
    message = messages.queue(**wanted(language="sv"))

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
    gateway: GatewayServer, settings: SettingsWrapper
) -> None:
    settings.MESSAGE_GATEWAY_URL = "http://127.0.0.1:9/"
    message = OutgoingMessageFactory.create()

    sending.drain()
    message.refresh_from_db()
    assert (message.status, message.attempts, message.error) == ("queued", 1, "ConnectError")
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


def test_a_channel_without_a_gateway_fails_with_a_reason(settings: SettingsWrapper) -> None:
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


def test_email_goes_out_with_a_plain_and_a_rich_body(settings: SettingsWrapper) -> None:
    settings.MESSAGE_GATEWAY_URL = ""
    messages.register("greeting", lambda message: Rendered("Hei", "moi", "<p>moi</p>"))
    message = OutgoingMessageFactory.create(channel="email", destination="aino@example.com")

    sending.drain()

    message.refresh_from_db()
    assert message.status == "sent"
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["aino@example.com"], "Hei", "moi")
    assert sent.extra_headers["X-Kuitti-Message"] == message.public_id


@pytest.mark.parametrize(
    ("news", "standing"),
    [
        (["sent"], "sent"),
        (["delivered", "sent"], "delivered"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["sent", "sent", "delivered", "delivered"], "delivered"),
    ],
)
def test_delivery_news_may_come_in_any_order_and_twice(news: list[str], standing: str) -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")

    for status in news:
        record_delivery("gw-1", status)

    message.refresh_from_db()
    assert message.status == standing


def test_news_that_overtake_the_answer_to_our_own_request_are_kept(
    gateway: GatewayServer,
) -> None:
    message = OutgoingMessageFactory.create()
    told: list[str] = []
    messages.on_status.append(lambda news: told.append(news.status))
    # The gateway reports before it answers; here in one thread, as the test holds the database.
    original = gateways.HttpGateway.send

    def send(self: gateways.HttpGateway, outgoing: Outgoing) -> GatewayAnswer:
        answer = original(self, outgoing)
        record_delivery(answer.reference, "delivered", message_id=outgoing.key)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways.HttpGateway, "send", send)
        sending.drain()
    messages.on_status.pop()

    message.refresh_from_db()
    assert (message.status, message.gateway_reference) == (
        "delivered",
        f"gw-{message.public_id}",
    )
    assert told[0] == "delivered"


def test_news_about_nothing_of_ours_change_nothing() -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")

    with pytest.raises(NotFound):
        record_delivery("gw-2", "delivered")
    with pytest.raises(NotFound):
        record_delivery("", "delivered")
    with pytest.raises(ChoiceUnknown):
        record_delivery("gw-1", "queued")

    message.refresh_from_db()
    assert message.status == "sent"


def test_whoever_listens_hears_each_status_once_and_can_stop_it() -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")
    heard: list[str] = []
    messages.on_status.append(lambda news: heard.append(news.status))
    try:
        record_delivery("gw-1", "delivered")
        record_delivery("gw-1", "delivered")
    finally:
        messages.on_status.pop()
    assert heard == ["delivered"]

    other = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-2")

    def refuse(news: OutgoingMessage) -> None:
        raise RuntimeError

    messages.on_status.append(refuse)
    try:
        with pytest.raises(RuntimeError):
            record_delivery("gw-2", "failed")
    finally:
        messages.on_status.pop()

    other.refresh_from_db()
    message.refresh_from_db()
    assert (message.status, other.status) == ("delivered", "sent")


def test_sending_costs_a_fixed_number_of_statements_a_message(gateway: GatewayServer) -> None:
    def statements(count: int) -> int:
        OutgoingMessageFactory.create_batch(count)
        with CaptureQueriesContext(connection) as queries:
            assert sending.drain() == count
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    # Two claims (the last finds nothing), one read, and for each message a mark and a settling.
    assert statements(1) == 5
    assert statements(5) == 13


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
        EmailGateway().send(Outgoing("msg_1", "email", "a@example.com", "s", "t"))
