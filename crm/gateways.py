"""The ways out for messages: one method each, and errors sorted by one question, was it sent.

GatewayError
├── GatewayUnavailable   nothing was sent: try again later
├── SendingUnknown       it may have been sent, no usable answer came back
└── GatewayRejected      this message will never be accepted
"""

from __future__ import annotations

import smtplib
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
TEMPORARY_SMTP = range(400, 500)

_making_client = Lock()


class GatewayError(Exception):
    """A message did not leave as it should. The text is short and never holds its content."""


class GatewayUnavailable(GatewayError):
    """Nothing was sent, so the same message may be tried again."""


class SendingUnknown(GatewayError):
    """The message may be on its way: a lost answer, a 5xx, an unreadable body."""


class GatewayRejected(GatewayError):
    """The gateway understood and refuses. The same message never succeeds."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered message. `key` is the same in every try to send it."""

    key: str
    channel: str
    to: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What the gateway calls the message, and its status: sent, delivered or failed."""

    reference: str
    status: str = "sent"


class MessageGateway(ABC):
    """One way out. An adapter never retries by itself.

    `honours_key` promises that the same key never sends twice; without it a message whose
    sending broke off stays unknown.
    """

    honours_key: ClassVar[bool] = False

    @abstractmethod
    def send(self, message: Outgoing) -> GatewayAnswer:
        """Hand one message over. Raises GatewayError. Never call it inside a transaction."""


class HttpGateway(MessageGateway):
    """A gateway that takes JSON by POST and honours the Idempotency-Key header.

    Sends {id, channel, to, subject, text, html}; a 2xx answers {id, status}.
    """

    honours_key = True
    known_statuses = frozenset({"sent", "delivered", "failed"})

    def send(self, message: Outgoing) -> GatewayAnswer:
        with _sorted_http_errors():
            answer = _client().post(
                settings.MESSAGE_GATEWAY_URL,
                json=_body(message),
                headers=_headers(message.key),
            )
        if not answer.is_success:
            raise _refusal(answer.status_code)
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> GatewayAnswer:
        try:
            body = answer.json()
            reference, status = str(body["id"]), str(body.get("status", "sent"))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise SendingUnknown("unreadable answer") from error
        return GatewayAnswer(reference, status if status in self.known_statuses else "sent")


class EmailGateway(MessageGateway):
    """Django's mail. SMTP has no key of its own, so a break in the middle stays unknown."""

    def send(self, message: Outgoing) -> GatewayAnswer:
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            to=[message.to],
            headers={"X-Kuitti-Message": message.key, "Auto-Submitted": "auto-generated"},
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        connection = mailers.default
        try:
            connection.open()
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayUnavailable(type(error).__name__) from error
        try:
            with _sorted_smtp_errors():
                connection.send_messages([mail])
        finally:
            connection.close()
        return GatewayAnswer(reference="")


class PracticeGateway(MessageGateway):
    """Where messages to practice customers end: nothing leaves, and all of it has arrived."""

    honours_key = True

    def send(self, message: Outgoing) -> GatewayAnswer:
        return GatewayAnswer(reference="", status="delivered")


def for_message(channel: str, *, is_practice: bool) -> MessageGateway | None:
    """The way out of a message. What is written to somebody who does not exist goes nowhere."""
    return PracticeGateway() if is_practice else for_channel(channel)


def for_channel(channel: str) -> MessageGateway | None:
    """The way out of a channel, or None where the installation has none."""
    if settings.MESSAGE_GATEWAY_URL and channel in settings.MESSAGE_GATEWAY_CHANNELS:
        return HttpGateway()
    return EmailGateway() if channel == "email" else None


@contextmanager
def _sorted_http_errors() -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise GatewayUnavailable(type(error).__name__) from error
    except httpx.RequestError as error:
        raise SendingUnknown(type(error).__name__) from error


def _refusal(status: int) -> GatewayError:
    """429 says that nothing was done; a 5xx says nothing at all."""
    text = f"HTTP {status}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return GatewayUnavailable(text)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return SendingUnknown(text)
    return GatewayRejected(text)


@contextmanager
def _sorted_smtp_errors() -> Iterator[None]:
    """A refusal by code says that the server did not take the message; a broken line does not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _smtp_refusal(codes[0] if codes else 550) from error
    except smtplib.SMTPResponseException as error:
        raise _smtp_refusal(error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendingUnknown(type(error).__name__) from error


def _smtp_refusal(code: int) -> GatewayError:
    text = f"SMTP {code}"
    return GatewayUnavailable(text) if code in TEMPORARY_SMTP else GatewayRejected(text)


def _body(message: Outgoing) -> dict[str, Any]:
    return {
        "id": message.key,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
    }


def _headers(key: str) -> dict[str, str]:
    headers = {"Idempotency-Key": key}
    if settings.MESSAGE_GATEWAY_TOKEN:
        headers["Authorization"] = f"Bearer {settings.MESSAGE_GATEWAY_TOKEN}"
    return headers


def _client() -> httpx.Client:
    """One client a process: it keeps its connections open between messages."""
    with _making_client:
        return _make_client()


@cache
def _make_client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False)
