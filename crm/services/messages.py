"""Messages to customers: asked for in the transaction of their cause, sent afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from core import bell, rows
from core.errors import NotFound
from crm.errors import ChoiceUnknown
from crm.models import OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Callable

Status = OutgoingMessage.Status

# News may come twice and in any order: a status is only ever replaced by a later one.
STANDING = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.UNKNOWN: 2,
    Status.SENT: 3,
    Status.FAILED: 4,
    Status.DELIVERED: 5,
}
REPORTED = frozenset({Status.SENT, Status.FAILED, Status.DELIVERED})
ERROR_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of a message in the language of its reader. SMS has no subject and no html."""

    subject: str
    text: str
    html: str = ""


class Wanted(TypedDict):
    """What is asked for. `cause` is the id of the request or fact; `data` holds ids only."""

    cause: str
    kind: str
    channel: str
    destination: str
    customer_id: int | None
    language: str
    data: dict[str, Any]


class _Overtaken(Exception):
    pass


_renderers: dict[str, Callable[[OutgoingMessage], Rendered]] = {}

on_status: list[Callable[[OutgoingMessage], None]] = []
"""Functions called in the transaction in which a message reaches a new status.

The message already shows it; the functions run before its row is written, so that they can
lock what comes before messages in the lock order.
"""


def register(kind: str, render: Callable[[OutgoingMessage], Rendered]) -> None:
    """Give the words of a kind of message. `render` runs in the language of the message."""
    _renderers[kind] = render


def renderer_of(kind: str) -> Callable[[OutgoingMessage], Rendered] | None:
    return _renderers.get(kind)


def queue(**wanted: Unpack[Wanted]) -> OutgoingMessage:
    """Ask for a message in the transaction of its cause. Asking again gives the first row."""
    message = draft(**wanted)
    if not rows.insert_once(message):
        message = OutgoingMessage.objects.get(
            cause=wanted["cause"], kind=wanted["kind"], destination=wanted["destination"]
        )
    return message


def draft(**wanted: Unpack[Wanted]) -> OutgoingMessage:
    """Return what asks for a message once it is written, in this transaction, by whoever asks."""
    bell.ring_on_commit("messages")
    return OutgoingMessage(**wanted)


def reach(message: OutgoingMessage, status: str, *, reference: str = "", error: str = "") -> bool:
    """Record that a message has reached a status, unless it stands further already.

    Returns whether anything changed. Safe to repeat, in any order.
    """
    try:
        with transaction.atomic():
            _reach(message, Status(status), reference, error)
    except _Overtaken:
        message.refresh_from_db()
        return False
    return True


def _reach(message: OutgoingMessage, status: Status, reference: str, error: str) -> None:
    message.status = status
    message.gateway_reference = reference or message.gateway_reference
    message.error = error[:ERROR_LENGTH]
    message.lease_token = message.lease_until = None
    if status in REPORTED - {Status.FAILED}:
        message.sent_at = message.sent_at or timezone.now()
    for function in on_status:
        function(message)
    below = [other for other in Status if STANDING[other] < STANDING[status]]
    fields = ("status", "gateway_reference", "error", "lease_token", "lease_until", "sent_at")
    changed = OutgoingMessage.objects.filter(pk=message.pk, status__in=below).update(
        **{field: getattr(message, field) for field in fields}
    )
    if not changed:
        raise _Overtaken


def record_delivery(gateway_reference: str, status: str, *, message_id: str = "") -> bool:
    """Take the gateway's news about a message: sent, delivered or failed.

    `message_id` finds it when the news overtakes the answer to our own request. Returns
    whether anything changed; safe to repeat. Raises NotFound and ChoiceUnknown.
    """
    if status not in REPORTED:
        raise ChoiceUnknown("status", value=status)
    found = OutgoingMessage.objects.filter(gateway_reference=gateway_reference)
    message = found.first() if gateway_reference else None
    if message is None and message_id:
        message = OutgoingMessage.objects.filter(public_id=message_id).first()
    if message is None:
        raise NotFound
    if STANDING[Status(status)] <= STANDING[Status(message.status)]:
        return False
    return reach(message, status, reference=gateway_reference)
