"""The only way in for news about money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from payments.models import PaymentEvent, WebhookEvent
from payments.models.events import Source
from payments.services import (
    allocating,
    decided,
    declines,
    effects,
    keypad_steps,
    ledger,
    polling,
    saved_methods,
    settling,
)
from payments.services.facts import dedupe_key, fact_event, own_event
from payments.services.identity import Identity, find_attempt
from payments.services.payment import Payment, in_one_transaction, lock_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payments.models import PaymentAttempt, ProviderAccount
    from payments.providers.base import Decline, Snapshot


@in_one_transaction
def apply_snapshot(
    *,
    account: ProviderAccount,
    snapshot: Snapshot,
    source: Source,
    claimed: Sequence[WebhookEvent] = (),
) -> str:
    """Record what the provider says. Safe to repeat, in any order.

    One transaction adds the facts, joins them again, posts, writes what follows, settles
    the operations by the joined state and finishes the claimed webhook rows, also when
    nothing was new. Facts are never refused: one beyond a limit sets `needs_review`.
    `claimed` are the deliveries that a drain took and that this news answers.
    Returns the intent's public id. Raises UnknownSubject where no row of ours fits.

    News that an answer under way may yet name is left out. Then the claimed rows stay claimed
    until their lease runs out, and are worked off again.
    """
    attempt_id, seen = find_attempt(account, snapshot.attempt)
    payment = lock_seen(seen)
    attempt = payment.attempt_by_id(attempt_id)
    _keep_details(payment, attempt, snapshot)
    identity = Identity(payment, attempt)
    named = identity.name_all(snapshot)
    payment.add(
        fact_event(
            intent_id=payment.intent.pk,
            account_id=account.pk,
            subject=subject,
            news=news,
            source=source,
        )
        for subject, news in named
    )
    payment.add(decided.disowned(payment, attempt, snapshot, source))
    _tell_step(payment, attempt, snapshot)
    declined = payment.add(_decline_event(attempt, one, source) for one in snapshot.declines)
    _derive(payment)
    if declined:
        _close_resting_page(payment, attempt)
    saved_methods.keep(payment, attempt, snapshot.method)
    polling.reschedule(payment, attempt)
    if not identity.waiting:
        _finish(payment, claimed)
    payment.save()
    return payment.intent.public_id


def conclude(payment: Payment) -> None:
    """Derive, allocate, post and write what follows from the facts that were added."""
    _derive(payment)
    payment.save()


def _derive(payment: Payment) -> None:
    before = effects.Before.of(payment)
    payment.rejoin()
    if payment.new_events:
        allocating.allocate(payment, before.captured)
        ledger.settle_payment(payment)
    settling.settle_operations(payment)
    settling.settle_sessions(payment)
    keypad_steps.ask_next(payment)
    effects.write(payment, before)


def _keep_details(payment: Payment, attempt: PaymentAttempt, snapshot: Snapshot) -> None:
    """Remember the page and what may be shown of the method. Neither is money."""
    if snapshot.page is not None:
        payment.change(
            attempt,
            page_url=snapshot.page.url,
            page_expires_at=snapshot.page.expires_at or attempt.page_expires_at,
        )
    if snapshot.method is not None:
        payment.change(
            attempt,
            method_brand=snapshot.method.brand[:40],
            method_last4=snapshot.method.last4[:4],
        )


def _finish(payment: Payment, claimed: Sequence[WebhookEvent]) -> None:
    """Mark deliveries as applied, in the transaction that applied them."""
    for event in claimed:
        payment.change(
            event,
            state=WebhookEvent.State.DONE,
            finished_at=timezone.now(),
            lease_token=None,
            lease_until=None,
            error="",
        )


def _tell_step(payment: Payment, attempt: PaymentAttempt, snapshot: Snapshot) -> None:
    """What a terminal waits for is a step of the rail, and no money."""
    session = payment.session_of(attempt)
    if snapshot.step and session is not None:
        payment.add_step(
            own_event(
                intent_id=attempt.intent_id,
                account_id=None,
                subject=("session", session.public_id),
                status=f"waits_for_{snapshot.step}"[:32],
                source=Source.GATEWAY,
                cause=attempt.public_id,
                detail={"kind": session.kind},
            )
        )


def _close_resting_page(payment: Payment, attempt: PaymentAttempt) -> None:
    """After too many declines the provider's page is closed: who is on it tests cards."""
    session = payment.session_of(attempt)
    if session is None or attempt.status not in settling.UNDER_WAY:
        return
    if declines.rests_until(session) is not None:
        settling.ask_to_close(payment, attempt)


def _decline_event(attempt: PaymentAttempt, decline: Decline, source: Source) -> PaymentEvent:
    return PaymentEvent(
        intent_id=attempt.intent_id,
        account_id=attempt.account_id,
        subject_kind="decline",
        subject_id=attempt.public_id,
        status="declined",
        source=source,
        code=decline.code[:80],
        detail={"session": attempt.session_id},
        occurred_at=decline.occurred_at,
        dedupe_key=dedupe_key("decline", attempt.public_id, decline.reference),
    )
