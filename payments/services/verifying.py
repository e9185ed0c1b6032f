"""Deriving every status, balance and sum again, and naming each difference.

What can be compared set by set is compared in SQL; the join of facts runs here, in batches
of intents, over the same pure functions that wrote the rows.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from django.db import connection

from core import rows
from payments import lifecycle
from payments.models import PaymentIntent
from payments.services import ledger
from payments.services.facts import as_facts
from payments.services.unlocked import read_payments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from payments.lifecycle import Standing
    from payments.services.payment import Payment

BATCH = 500

LEDGER_SUMS = """
    SELECT a.key, a.debits, a.credits, coalesce(s.debits, 0), coalesce(s.credits, 0)
      FROM payments_ledgeraccount a
      LEFT JOIN (
        SELECT account_id, sum(debits) AS debits, sum(credits) AS credits
          FROM (SELECT debit_id AS account_id, amount AS debits, 0 AS credits
                  FROM payments_transfer
                UNION ALL
                SELECT credit_id, 0, amount FROM payments_transfer) AS sides
         GROUP BY account_id) AS s ON s.account_id = a.id
     WHERE a.debits <> coalesce(s.debits, 0) OR a.credits <> coalesce(s.credits, 0)
"""
INVOICE_SUMS = """
    SELECT i.number, i.allocated, coalesce(s.amount, 0)
      FROM orders_invoice i
      LEFT JOIN (SELECT invoice_id, sum(amount) AS amount
                   FROM orders_allocation GROUP BY 1) AS s ON s.invoice_id = i.id
     WHERE i.allocated <> coalesce(s.amount, 0)
"""
CAPTURE_SUMS = """
    SELECT c.public_id, c.allocated, coalesce(s.amount, 0)
      FROM payments_capture c
      LEFT JOIN (SELECT source_id, sum(amount) AS amount
                   FROM orders_allocation GROUP BY 1) AS s ON s.source_id = c.public_id
     WHERE c.allocated <> coalesce(s.amount, 0)
"""
REACHED_PROMISES = """
    SELECT p.public_id, sum(i.allocated - h.allocated_before), p.amount
      FROM orders_promisetopay p
      JOIN orders_invoicehold h ON h.promise_id = p.id
      JOIN orders_invoice i ON i.id = h.invoice_id
     WHERE p.kept_at IS NULL AND p.broken_at IS NULL AND p.withdrawn_at IS NULL
     GROUP BY p.id HAVING sum(i.allocated - h.allocated_before) >= p.amount
"""
REACHED_PARTS = """
    SELECT p.public_id, part.position, came.paid, part.until
      FROM orders_instalmentplan p
      JOIN (SELECT h.plan_id, sum(i.allocated - h.allocated_before) AS paid
              FROM orders_invoicehold h JOIN orders_invoice i ON i.id = h.invoice_id
             WHERE h.plan_id IS NOT NULL GROUP BY 1) AS came ON came.plan_id = p.id
      JOIN (SELECT plan_id, position, paid_at,
                   sum(amount) OVER (PARTITION BY plan_id ORDER BY position) AS until
              FROM orders_instalment) AS part ON part.plan_id = p.id
     WHERE p.completed_at IS NULL AND p.broken_at IS NULL AND p.withdrawn_at IS NULL
       AND part.paid_at IS NULL AND came.paid >= part.until
"""
WRONG_PLANS = """
    SELECT p.public_id, p.amount, sum(part.amount), count(*) - count(part.paid_at)
      FROM orders_instalmentplan p JOIN orders_instalment part ON part.plan_id = p.id
     GROUP BY p.id
    HAVING sum(part.amount) <> p.amount
        OR (count(*) = count(part.paid_at)) <> (p.completed_at IS NOT NULL)
           AND p.broken_at IS NULL AND p.withdrawn_at IS NULL
"""
HELD_STOCK = """
    SELECT p.sku, p.held, coalesce(h.quantity, 0)
      FROM orders_product p
      LEFT JOIN (SELECT product_id, sum(quantity) AS quantity
                   FROM orders_stockhold WHERE status = 'held' GROUP BY 1) AS h
        ON h.product_id = p.id
     WHERE p.held <> coalesce(h.quantity, 0)
"""
UNPOSTED_INVOICES = """
    SELECT i.number, p.total, i.total FROM orders_invoice i
      JOIN (SELECT t.subject, sum(CASE WHEN t.is_reverse THEN -t.amount ELSE t.amount END) AS total
              FROM payments_transfer t GROUP BY 1) AS p ON p.subject = i.public_id
     WHERE i.is_posted AND p.total <> i.total
"""
POSTED = """
    SELECT subject, pair, sum(CASE WHEN is_reverse THEN -amount ELSE amount END)
      FROM payments_transfer WHERE subject = ANY(%s) GROUP BY 1, 2
"""


SUMS = (
    (lifecycle.ATTEMPT, "authorised"),
    (lifecycle.CAPTURE, "captured"),
    (lifecycle.CANCELLATION, "cancelled"),
    (lifecycle.REFUND, "refunded"),
    (lifecycle.DISPUTE, "disputed"),
)


def differences(intent_ids: Sequence[int] | None = None) -> Iterator[str]:
    """Yield a sentence for each difference: of the named intents, or of the whole database."""
    if intent_ids is None:
        yield from _sums()
        found = PaymentIntent.objects.order_by("pk").values_list("pk", flat=True)
        intent_ids = list(found.iterator(chunk_size=10_000))
    for ids in batched(intent_ids, BATCH):
        yield from _of_intents(ids)


def _sums() -> Iterator[str]:
    yield from _rows("ledger account %s: sums %s/%s, transfers say %s/%s", LEDGER_SUMS)
    yield from _rows("invoice %s: allocated %s, allocations say %s", INVOICE_SUMS)
    yield from _rows("capture %s: allocated %s, allocations say %s", CAPTURE_SUMS)
    yield from _rows("promise %s: open, though %s of %s was paid", REACHED_PROMISES)
    yield from _rows("plan %s: part %s open, though %s of %s was paid", REACHED_PARTS)
    yield from _rows("plan %s: amount %s, parts say %s, %s of them not paid", WRONG_PLANS)
    yield from _rows("invoice %s: posted %s, total %s", UNPOSTED_INVOICES)
    yield from _rows("product %s: holds %s pieces, orders say %s", HELD_STOCK)


def _rows(sentence: str, sql: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for row in cursor.fetchall():
            yield sentence % row


def _of_intents(ids: Sequence[int]) -> Iterator[str]:
    """Yield what differs. A payment that seems to is read again, alone: it may have changed."""
    payments = list(read_payments(ids))
    posted = _posted(payments)
    for payment in payments:
        if any(_of_payment(payment, posted)):
            for alone in read_payments([payment.intent.pk]):
                yield from _of_payment(alone, _posted([alone]))


def _of_payment(payment: Payment, posted: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield a sentence for each figure of one payment that its facts do not give."""
    name = payment.intent.public_id
    for what, stored, derived in _figures(payment, payment.joined):
        if stored != derived:
            yield f"{name}: {what} is {stored}, its facts say {derived}"
    wanted = {
        (line.subject, line.pair): line.target for line in ledger.lines_of(payment) if line.target
    }
    held = {
        (subject, pair): amount
        for _, subject in payment.joined
        for pair, amount in posted.get(subject, {}).items()
    }
    for key in wanted.keys() | held.keys():
        if wanted.get(key, 0) != held.get(key, 0):
            told = f"{held.get(key, 0)}, its facts call for {wanted.get(key, 0)}"
            yield f"{name}: ledger of {key[0]} {key[1]} holds {told}"


def _posted(payments: Iterable[Payment]) -> dict[str, dict[str, int]]:
    """Join the facts of payments, and return what the ledger holds per subject and pair."""
    subjects: set[str] = set()
    for payment in payments:
        payment.joined = lifecycle.join(as_facts(payment.events))
        subjects |= {subject for _, subject in payment.joined}
    found: dict[str, dict[str, int]] = {}
    for subject, pair, amount in rows.select(POSTED, [list(subjects)]):
        if amount:
            found.setdefault(subject, {})[pair] = int(amount)
    return found


def _figures(
    payment: Payment, joined: dict[tuple[str, str], Standing]
) -> Iterator[tuple[str, object, object]]:
    """Yield (what, stored, derived) for every cached figure of a payment."""
    intent = payment.intent
    for kind, field in SUMS:
        own = (s for s in joined.values() if (s.kind, s.currency) == (kind, intent.currency))
        yield field, getattr(intent, field), sum(s.counted for s in own)
    yield "status", intent.status, lifecycle.intent_status(payment.figures())
    for row in _subjects(payment):
        for standing in (s for (_, subject), s in joined.items() if subject == row.public_id):
            yield f"status of {row.public_id}", str(row.status), standing.status
            if standing.kind == lifecycle.CAPTURE:
                yield f"captured of {row.public_id}", row.captured, standing.counted


def _subjects(payment: Payment) -> Iterator[Any]:
    yield from payment.attempts
    yield from payment.captures
    yield from payment.cancellations
    yield from payment.refunds
    yield from payment.disputes
