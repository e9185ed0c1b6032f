"""Paid history in bulk: the rows that real payments would have left, facts included.

Everything is written set by set, so that a million payments take minutes. What is written
is whole: `verify_money` derives the same figures from the seeded facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.db import connection, transaction

from core.ids import make_public_id
from payments.postings import CLEARING_PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from payments.models import ProviderAccount

BATCH = 20_000
METHODS = (("mobilepay", "", ""), ("card", "visa", "4242"), ("bank", "", ""))
# How many of a hundred were declined before, let the page expire, or paid at once.
IN_VAIN = {"mobilepay": (2, 5, 93), "card": (9, 4, 87), "bank": (1, 6, 93)}

PAID = """
    CREATE TEMP TABLE seed_paid (
        invoice_id bigint, paid_at timestamptz, method text, brand text, last4 text,
        intent text, attempt text, capture text, allocation text, vain text, ended text
    ) ON COMMIT DROP;
    CREATE TEMP TABLE seed_line (
        subject text, pair text, debit text, credit text, amount bigint, paid_at timestamptz
    ) ON COMMIT DROP
"""
COPY = "COPY seed_paid FROM STDIN"
STEPS = (
    """
    INSERT INTO payments_paymentintent
        (public_id, customer_id, amount, currency, allows_surplus, is_manual_capture, channel,
         call_reference, description, status, version, authorised, captured, capturable,
         cancelled, refunded, disputed, surplus, needs_review, review_reasons,
         blocked_by_unknown, created_at)
    SELECT s.intent, i.customer_id, i.total, i.currency, false, false, 'phone', '', i.number,
           'succeeded', 1, 0, 0, 0, 0, 0, 0, 0, false, '{}', false,
           s.paid_at - interval '3 minutes'
      FROM seed_paid s JOIN orders_invoice i ON i.id = s.invoice_id
    """,
    """
    INSERT INTO payments_intentitem (intent_id, invoice_id, amount)
    SELECT p.id, i.id, i.total
      FROM seed_paid s JOIN orders_invoice i ON i.id = s.invoice_id
      JOIN payments_paymentintent p ON p.public_id = s.intent
    """,
    # Some tried in vain before.
    """
    INSERT INTO payments_paymentattempt
        (public_id, intent_id, account_id, method, saves_method, amount, currency, page_url,
         client_digest, status, authorised, captured, cancelled, error_code, method_brand,
         method_last4, polls, created_at)
    SELECT s.vain, p.id, %(account)s, s.method, false, p.amount, p.currency, '', '',
           s.ended, 0, 0, 0, '', s.brand, s.last4, 1, s.paid_at - interval '2 minutes'
      FROM seed_paid s JOIN payments_paymentintent p ON p.public_id = s.intent
     WHERE s.vain <> ''
    """,
    """
    INSERT INTO payments_paymentattempt
        (public_id, intent_id, account_id, method, saves_method, amount, currency, page_url,
         client_digest, status, authorised, captured, cancelled, error_code, method_brand,
         method_last4, polls, created_at)
    SELECT s.attempt, p.id, %(account)s, s.method, false, p.amount, p.currency, '', '',
           'authorised', p.amount, p.amount, 0, '', s.brand, s.last4, 1, s.paid_at
      FROM seed_paid s JOIN payments_paymentintent p ON p.public_id = s.intent
    """,
    """
    INSERT INTO payments_capture
        (public_id, attempt_id, origin, amount, currency, status, captured, refunded, disputed,
         allocated, created_at)
    SELECT s.capture, a.id, 'provider', a.amount, a.currency, 'succeeded', a.amount, 0, 0,
           a.amount, s.paid_at
      FROM seed_paid s JOIN payments_paymentattempt a ON a.public_id = s.attempt
    """,
    """
    INSERT INTO payments_paymentevent
        (intent_id, account_id, subject_kind, subject_id, status, amount, currency, version,
         source, code, detail, occurred_at, dedupe_key, created_at)
    SELECT a.intent_id, a.account_id, e.kind, e.subject, e.status, a.amount, a.currency, NULL,
           'webhook', '', '{}', s.paid_at,
           encode(sha256(convert_to(concat_ws(E'\\x1f', e.kind, e.subject, e.status, a.amount,
                  a.currency, ''), 'UTF8')), 'hex'), s.paid_at
      FROM seed_paid s JOIN payments_paymentattempt a ON a.public_id = s.attempt
     CROSS JOIN LATERAL (VALUES ('attempt', s.vain, s.ended),
                                ('attempt', s.attempt, 'authorised'),
                                ('capture', s.capture, 'succeeded')) AS e(kind, subject, status)
     WHERE e.subject <> ''
    """,
    """
    UPDATE payments_paymentintent p SET authorised = p.amount, captured = p.amount
      FROM seed_paid s WHERE p.public_id = s.intent
    """,
    """
    INSERT INTO orders_allocation (public_id, invoice_id, source_id, amount, cause, created_at)
    SELECT s.allocation, i.id, s.capture, i.total, s.capture || ':1', s.paid_at
      FROM seed_paid s JOIN orders_invoice i ON i.id = s.invoice_id
    """,
    """
    UPDATE orders_invoice i SET allocated = i.total FROM seed_paid s WHERE i.id = s.invoice_id
    """,
    """
    INSERT INTO seed_line (subject, pair, debit, credit, amount, paid_at)
    SELECT s.capture, 'captured',
           'provider-clearing:' || p.currency || ':a' || %(account)s || '.' || p.id %% %(parts)s,
           'customer-funds:' || p.currency || ':c' || p.customer_id, p.amount, s.paid_at
      FROM seed_paid s JOIN payments_paymentintent p ON p.public_id = s.intent
    UNION ALL
    SELECT s.capture, 'allocated:' || s.invoice_id,
           'customer-funds:' || p.currency || ':c' || p.customer_id,
           'receivable:' || p.currency || ':c' || p.customer_id, p.amount, s.paid_at
      FROM seed_paid s JOIN payments_paymentintent p ON p.public_id = s.intent
    """,
    """
    INSERT INTO payments_ledgeraccount (key, code, currency, owner, debits, credits)
    SELECT needed.key, split_part(needed.key, ':', 1), split_part(needed.key, ':', 2),
           split_part(needed.key, ':', 3), 0, 0
      FROM (SELECT debit AS key FROM seed_line UNION SELECT credit FROM seed_line) AS needed
     ORDER BY needed.key
        ON CONFLICT (key) DO NOTHING
    """,
    # What `ledger_settle` would have posted, on the day it was paid.
    """
    INSERT INTO payments_transfer
        (source, subject, pair, debit_id, credit_id, is_reverse, amount, created_at)
    SELECT l.subject || '/' || l.pair || '/1', l.subject, l.pair, d.id, c.id, false, l.amount,
           l.paid_at
      FROM seed_line l
      JOIN payments_ledgeraccount d ON d.key = l.debit
      JOIN payments_ledgeraccount c ON c.key = l.credit
    """,
)


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """An invoice that was paid in full at an instant."""

    invoice_id: int
    paid_at: datetime


def seed_paid(paid: Iterable[PaidInvoice], *, account: ProviderAccount, rng: Random) -> int:
    """Write the whole payment of every invoice named. Returns how many were written.

    The invoices must be open and untouched; each batch is one transaction.
    """
    written = 0
    for batch in batched(paid, BATCH):
        _write(batch, account, rng)
        written += len(batch)
    return written


@transaction.atomic
def _write(batch: Sequence[PaidInvoice], account: ProviderAccount, rng: Random) -> None:
    values = {"account": account.pk, "parts": CLEARING_PARTS}
    with connection.cursor() as cursor:
        cursor.execute(PAID)
        with cursor.copy(COPY) as copy:
            for row in _rows(batch, rng):
                copy.write_row(row)
        cursor.execute("ANALYZE seed_paid")
        for step in STEPS:
            cursor.execute(step, values if "%(" in step else None)


def _rows(batch: Sequence[PaidInvoice], rng: Random) -> Iterator[tuple[object, ...]]:
    for paid in batch:
        method, brand, last4 = rng.choice(METHODS)
        ended = rng.choices(["declined", "expired", ""], IN_VAIN[method])[0]
        ids = (make_public_id("pi"), make_public_id("pa"), make_public_id("cap"))
        yield (
            paid.invoice_id,
            paid.paid_at,
            method,
            brand,
            last4,
            *ids,
            make_public_id("alc"),
            make_public_id("pa") if ended else "",
            ended,
        )


def paid_soon_after(issued_at: datetime, rng: Random) -> datetime:
    """Return a believable instant of payment: within two weeks, in waking hours."""
    return issued_at + timedelta(days=rng.randrange(1, 14), minutes=rng.randrange(0, 600))
