"""Payments as they stand, many at once and without a lock: for whoever only looks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from core import rows
from orders.models import Invoice
from payments.models import (
    Cancellation,
    Capture,
    CheckoutSession,
    Dispute,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    Refund,
)
from payments.services.payment import (
    OF_ATTEMPTS,
    OF_CAPTURES,
    TELLING_KINDS,
    Payment,
    allocations_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import Model

OF_INTENTS = "WHERE intent_id = ANY(%s) ORDER BY id"
FACTS = "WHERE intent_id = ANY(%s) AND subject_kind = ANY(%s) ORDER BY id"


def read_payments(intent_ids: Sequence[int]) -> Iterator[Payment]:
    """Read whole payments by one statement a table, in the order of their ids.

    The statements see different instants, so a payment that changes meanwhile may not add up.
    Their invoices are those that hold their money.
    """
    ids = list(intent_ids)
    attempts = rows.read(PaymentAttempt, OF_INTENTS, [ids])
    tries = _keys(attempts)
    captures = rows.read(Capture, OF_ATTEMPTS, [tries])
    taken = _keys(captures)
    allocated = allocations_of(captures)
    paid = {invoice for invoices in allocated.values() for invoice in invoices}
    invoices = {one.pk: one for one in rows.read(Invoice, rows.BY_IDS, [list(paid)])}
    attempts_of = _grouped(attempts, lambda one: one.intent_id)
    captures_of = _grouped(captures, lambda one: one.attempt_id)
    sessions_of = _grouped(rows.read(CheckoutSession, OF_INTENTS, [ids]), lambda one: one.intent_id)
    events_of = _grouped(
        rows.read(PaymentEvent, FACTS, [ids, TELLING_KINDS]), lambda one: one.intent_id
    )
    cancellations_of = _grouped(
        rows.read(Cancellation, OF_ATTEMPTS, [tries]), lambda one: one.attempt_id
    )
    refunds_of = _grouped(rows.read(Refund, OF_CAPTURES, [taken]), lambda one: one.capture_id)
    disputes_of = _grouped(rows.read(Dispute, OF_CAPTURES, [taken]), lambda one: one.capture_id)
    for intent in rows.read(PaymentIntent, rows.BY_IDS, [ids]):
        payment = Payment(intent, [])
        payment.attempts = attempts_of[intent.pk]
        payment.sessions = sessions_of[intent.pk]
        payment.events = events_of[intent.pk]
        payment.captures = _under(payment.attempts, captures_of)
        payment.cancellations = _under(payment.attempts, cancellations_of)
        payment.refunds = _under(payment.captures, refunds_of)
        payment.disputes = _under(payment.captures, disputes_of)
        payment.allocated = {
            one.public_id: allocated[one.public_id]
            for one in payment.captures
            if one.public_id in allocated
        }
        holding = {pk for own in payment.allocated.values() for pk in own}
        payment.invoices = {pk: invoices[pk] for pk in holding}
        yield payment


def _keys(found: Iterable[Model]) -> list[int]:
    return [one.pk for one in found]


def _grouped[M: Model](found: Iterable[M], key: Callable[[M], int]) -> defaultdict[int, list[M]]:
    groups: defaultdict[int, list[M]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return groups


def _under[M: Model](parents: Iterable[Model], children: defaultdict[int, list[M]]) -> list[M]:
    own = [child for parent in parents for child in children[parent.pk]]
    return sorted(own, key=lambda child: child.pk)
