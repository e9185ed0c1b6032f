"""As many customers and payments as a large contact centre has, for the benchmarks.

Everything is written by COPY and set by set. What is written is whole, as in the demo:
every payment has its facts, every invoice its postings, and `verify_money` finds nothing.
"""

from __future__ import annotations

from itertools import batched, islice
from random import Random
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from core.jobs import business_date
from crm.seeding import copy_customers
from orders.models import Invoice
from orders.seeding import seed_orders
from payments.seeding import PaidInvoice, paid_soon_after, seed_paid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from payments.models import ProviderAccount

SEED = 20_262
INVOICES_PER_CUSTOMER = 3  # At least: `seed_orders` invents three and a half.
CUSTOMERS_PER_BATCH = 10_000
INVOICES_PER_BATCH = 50_000
PAID_OF_ALL = 0.9

POST_INVOICES = (
    """
    CREATE TEMP TABLE posting ON COMMIT DROP AS
    SELECT invoice.public_id AS subject, pair.name AS pair, invoice.created_at, pair.amount,
           'receivable:' || invoice.currency || ':c' || invoice.customer_id AS debit, pair.credit
      FROM orders_invoice invoice
      JOIN orders_invoicepart part ON part.invoice_id = invoice.id
     CROSS JOIN LATERAL (VALUES
        ('net:' || part.vat_bp, 'revenue:' || invoice.currency || ':', part.net),
        ('vat:' || part.vat_bp, 'vat-payable:' || invoice.currency || ':' || part.vat_bp, part.vat)
     ) AS pair(name, credit, amount)
     WHERE invoice.id = ANY(%(ids)s) AND pair.amount > 0
    """,
    """
    INSERT INTO payments_ledgeraccount (key, code, currency, owner, debits, credits)
    SELECT needed.key, split_part(needed.key, ':', 1), split_part(needed.key, ':', 2),
           split_part(needed.key, ':', 3), 0, 0
      FROM (SELECT debit AS key FROM posting UNION SELECT credit FROM posting) AS needed
     ORDER BY needed.key
        ON CONFLICT (key) DO NOTHING
    """,
    """
    INSERT INTO payments_transfer
        (source, subject, pair, debit_id, credit_id, is_reverse, amount, created_at)
    SELECT p.subject || '/' || p.pair || '/1', p.subject, p.pair, d.id, c.id, false, p.amount,
           p.created_at
      FROM posting p
      JOIN payments_ledgeraccount d ON d.key = p.debit
      JOIN payments_ledgeraccount c ON c.key = p.credit
    """,
    "UPDATE orders_invoice SET is_posted = true WHERE id = ANY(%(ids)s)",
)


def seed_scale(*, customers: int, payments: int, heaviest: int, account: ProviderAccount) -> None:
    """Write that many customers, and payments of which one customer made the `heaviest` number.

    About a tenth of the invoices stays open. Meant for an empty database.
    """
    rng = Random(SEED)  # noqa: S311 - customers who do not exist need no secrecy
    people = copy_customers(customers, seed=SEED)
    of_one = [people[0]] * -(-heaviest // INVOICES_PER_CUSTOMER)
    invoices = round((payments - heaviest) / PAID_OF_ALL)
    buyers = islice(people, 1, 1 + max(0, invoices) // INVOICES_PER_CUSTOMER)
    for batch in batched([*of_one, *buyers], CUSTOMERS_PER_BATCH):
        seed_orders(batch, rng, business_date())
    post_invoices()
    seed_paid(islice(_paid(people[0], heaviest, rng), payments), account=account, rng=rng)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def post_invoices() -> int:
    """Post every invoice that is not in the ledger yet, set by set. Returns how many.

    Runs alone: while it does, nobody else may post invoices.
    """
    waiting = Invoice.objects.filter(is_posted=False).order_by("pk").values_list("pk", flat=True)
    done = 0
    for ids in batched(list(waiting), INVOICES_PER_BATCH):
        _post(ids)
        done += len(ids)
    return done


@transaction.atomic
def _post(ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        for step in POST_INVOICES:
            cursor.execute(step, {"ids": list(ids)})


def _paid(heavy: int, heaviest: int, rng: Random) -> Iterator[PaidInvoice]:
    """Choose what is paid: of the heavy customer so many, and nine in ten of the others."""
    rows = Invoice.objects.filter(open_amount=F("total")).values_list("pk", "created_at")
    yield from _pay(rows.filter(customer_id=heavy).order_by("pk")[:heaviest], rng)
    others = rows.exclude(customer_id=heavy).order_by("pk")
    yield from _pay((row for row in others.iterator() if rng.random() < PAID_OF_ALL), rng)


def _pay(rows: Iterable[tuple[int, datetime]], rng: Random) -> Iterator[PaidInvoice]:
    now = timezone.now()
    for pk, created_at in rows:
        yield PaidInvoice(pk, max(created_at, min(paid_soon_after(created_at, rng), now)))
