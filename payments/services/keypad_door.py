"""What comes through the door for keypad gateways, and what becomes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.utils import timezone

from core import bell, pan, quickredis, rows
from payments.keypads.base import CONFIRMATION, Progress
from payments.models import Keypad, PaymentAttempt, ProviderOperation, ProviderReference
from payments.models.events import Source
from payments.providers.base import MethodDetails, News, Snapshot, SubjectKind
from payments.providers.errors import WebhookUnusable
from payments.registry import is_usable_keypad, keypad_for
from payments.services import keypad_steps
from payments.services.apply import apply_snapshot, conclude
from payments.services.payment import in_one_transaction, lock_payment

if TYPE_CHECKING:
    from payments.keypads.base import Delivery, KeypadNews
    from payments.services.payment import Payment

logger = logging.getLogger(__name__)

TOLD = frozenset({Progress.DIGITS, Progress.ENTERED, Progress.AGAIN})


def open_keypad(public_id: str) -> Keypad | None:
    """The keypad of an address, if it may be used here; one that is switched off still hears."""
    found = Keypad.objects.filter(public_id=public_id).select_related("account").first()
    return found if found is not None and is_usable_keypad(found.kind) else None


def receive(*, keypad: Keypad, operation_id: str, delivery: Delivery) -> None:
    """Take in what a gateway tells of an operation. Safe to repeat, in any order.

    Raises WebhookForged, and keeps nothing, where the signature does not hold. The body itself
    is kept nowhere: of what was keyed only how many digits they were. Raises WebhookUnusable
    where a card number stands for the provider's reference.
    """
    news = keypad_for(keypad).parse(delivery)
    if news is not None and pan.looks_like_card(news.confirmation):
        raise WebhookUnusable("", "The confirmation looks like a card number.")
    operation = (
        ProviderOperation.objects.filter(public_id=operation_id, attempt__session__keypad=keypad)
        .select_related("attempt", "account")
        .first()
    )
    if news is None or operation is None:
        return
    _apply(operation, news)


@in_one_transaction
def _apply(operation: ProviderOperation, news: KeypadNews) -> None:
    payment = lock_payment(operation.intent_id)
    attempt = payment.attempt_by_id(operation.attempt_id)
    if news.progress is Progress.ENDED and payment.is_being_charged(attempt):
        return  # The customer left after the charge was asked for: it goes its own way.
    if news.progress in TOLD:
        _take_step(payment, operation, news)
    elif news.progress is Progress.CHARGED:
        _take_charge(operation, news)
    apply_snapshot(
        account=operation.account, snapshot=_snapshot(operation, news), source=Source.WEBHOOK
    )


def count_refused(keypad: Keypad, why: str) -> None:
    """Count a delivery that was refused. Nothing of it is kept."""
    logger.warning("news of a keypad was refused", extra={"keypad": keypad.public_id, "why": why})
    quickredis.attempt(lambda redis: redis.incr(f"{why}:{keypad.public_id}"))


def _take_step(payment: Payment, operation: ProviderOperation, news: KeypadNews) -> None:
    """Tell how it goes, once: what is not of the field that was asked for is not ours."""
    session = payment.session_of(payment.attempt_by_id(operation.attempt_id))
    if session is None or news.field is None or news.field.value != operation.field:
        return
    event = keypad_steps.step(
        session,
        news.progress.value,
        cause=f"{operation.public_id}:{news.digits}",
        code=news.code,
        detail={"field": news.field.value, "digits": news.digits},
    )
    if payment.add_step(event):
        conclude(payment)


def _take_charge(operation: ProviderOperation, news: KeypadNews) -> None:
    """Remember the payment provider's name of the charge, and have it read there at once."""
    attempt = operation.attempt
    if news.confirmation:
        rows.insert_once(
            ProviderReference(
                account_id=attempt.account_id,
                kind=CONFIRMATION,
                reference=news.confirmation,
                intent_id=attempt.intent_id,
                attempt=attempt,
                subject_kind=SubjectKind.ATTEMPT.value,
                subject_id=attempt.public_id,
            )
        )
    PaymentAttempt.objects.filter(pk=attempt.pk).update(poll_at=timezone.now())
    bell.ring_on_commit("attempts")


def _snapshot(operation: ProviderOperation, news: KeypadNews) -> Snapshot:
    """What the gateway's word says of the attempt. That money came only the provider says."""
    status = {Progress.DECLINED: "declined", Progress.ENDED: "canceled"}
    said = News(
        kind=SubjectKind.ATTEMPT,
        status=status.get(news.progress, "pending"),
        amount=operation.attempt.money,
        our_id=operation.attempt.public_id,
        code=news.code if news.progress is Progress.DECLINED else "",
    )
    is_known = bool(news.last4)
    method = MethodDetails("card", brand=news.brand, last4=news.last4) if is_known else None
    return Snapshot(said, method=method)
