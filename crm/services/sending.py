"""Sending what waits: claim, render, hand over, settle. The network is outside transactions."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation

from core import bell, leases, locks
from crm import gateways
from crm.gateways import GatewayRejected, GatewayUnavailable, Outgoing, SendingUnknown
from crm.models import OutgoingMessage
from crm.services import messages

if TYPE_CHECKING:
    from crm.gateways import MessageGateway
    from crm.services.messages import Rendered

logger = logging.getLogger(__name__)

Status = OutgoingMessage.Status

BATCH_SIZE = 20
# Longer than the slowest answer of a gateway, so that nobody takes a message that is on its way.
LEASE_SECONDS = 120
# Seconds to wait after the first, second … failed try; after the last one the message fails.
PAUSES = (5, 30, 120, 600, 1_800)
WAITING = (
    "status IN ('queued', 'sending')"
    " AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())"
)


def drain() -> int:
    """Send what waits to be sent and say how many messages were handed over.

    Safe to run twice, at once, or late: every message is claimed by a lease and marked before
    it leaves. Never call it inside a transaction.
    """
    locks.assert_no_transaction()
    handed_over = 0
    for claimed in bell.answer("messages", _claim):
        ours = OutgoingMessage.objects.filter(pk__in=claimed, lease_token=claimed.token)
        for message in ours.select_related("customer").order_by("pk"):
            handed_over += _send(message)
    return handed_over


def _claim() -> leases.Claimed:
    return leases.claim(OutgoingMessage, WAITING, {}, limit=BATCH_SIZE, seconds=LEASE_SECONDS)


def _send(message: OutgoingMessage) -> bool:
    is_practice = message.customer is not None and message.customer.is_practice
    gateway = gateways.for_message(message.channel, is_practice=is_practice)
    if gateway is None:
        messages.reach(message, Status.FAILED, error="no gateway for this channel")
        return False
    was_interrupted = message.status == Status.SENDING
    if was_interrupted and not (gateway.honours_key and message.attempts <= len(PAUSES)):
        # Somebody stopped while sending. Without a key, sending again could reach them twice.
        messages.reach(message, Status.UNKNOWN, error="the sender stopped while sending")
        return False
    rendered = _render(message)
    if rendered is None or not _mark_sending(message):
        return False
    return _hand_over(message, rendered, gateway)


def _render(message: OutgoingMessage) -> Rendered | None:
    """The words, or None when there is no renderer or it breaks; then it is tried again later."""
    render = messages.renderer_of(message.kind)
    if render is None:
        messages.reach(message, Status.FAILED, error="nobody renders this kind of message")
        return None
    try:
        with translation.override(message.language):
            return render(message)
    except Exception as error:  # noqa: BLE001 - one broken message must not stop the others
        # Without the traceback: the values in it may hold a link's secret.
        logger.error("message %s was not rendered: %s", message.public_id, type(error).__name__)  # noqa: TRY400
        _try_later(message, type(error).__name__, otherwise=Status.FAILED)
        return None


def _mark_sending(message: OutgoingMessage) -> bool:
    """The committed point of no return. False where the lease is no longer ours."""
    marked = OutgoingMessage.objects.filter(
        pk=message.pk,
        lease_token=message.lease_token,
        lease_until__gt=Now(),
        status__in=[Status.QUEUED, Status.SENDING],
    ).update(
        status=Status.SENDING,
        attempts=F("attempts") + 1,
        lease_until=Now() + timedelta(seconds=LEASE_SECONDS),
    )
    if marked:
        message.status = Status.SENDING
        message.attempts += 1
    return bool(marked)


def _hand_over(message: OutgoingMessage, rendered: Rendered, gateway: MessageGateway) -> bool:
    locks.assert_no_transaction()
    try:
        answer = gateway.send(
            Outgoing(
                key=message.public_id,
                channel=message.channel,
                to=message.destination,
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
            )
        )
    except GatewayRejected as error:
        messages.reach(message, Status.FAILED, error=str(error))
    except GatewayUnavailable as error:
        _try_later(message, str(error), otherwise=Status.FAILED, again_as=Status.QUEUED)
    except SendingUnknown as error:
        if gateway.honours_key:
            _try_later(message, str(error), otherwise=Status.UNKNOWN)
        else:
            messages.reach(message, Status.UNKNOWN, error=str(error))
    else:
        messages.reach(message, answer.status, reference=answer.reference)
        return True
    return False


def _try_later(
    message: OutgoingMessage, error: str, *, otherwise: Status, again_as: Status | None = None
) -> None:
    """Give the lease back for a while, or settle when every pause has been used up."""
    if message.status == Status.QUEUED:
        message.attempts += 1
    if message.attempts > len(PAUSES):
        messages.reach(message, otherwise, error=error)
        return
    pause = timedelta(seconds=PAUSES[message.attempts - 1])
    OutgoingMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        status=again_as or message.status,
        attempts=message.attempts,
        next_attempt_at=Now() + pause,
        error=error[: messages.ERROR_LENGTH],
        lease_token=None,
        lease_until=None,
    )
