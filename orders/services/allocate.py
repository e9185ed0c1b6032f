"""Money onto invoices and off again. Who asks holds the money; here it only finds its invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import locks, rows
from core.ids import make_public_id
from core.locks import Rank
from core.transactions import in_a_transaction
from orders.errors import AmountUnusable
from orders.models import Allocation, Invoice
from orders.services import plan_progress, promises

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.money import Money

# The rows and the sums they change, in one statement: it stands in the way of every payment.
# A cause that has written before writes nothing. Read after the lock, so nothing is missed.
_WRITE = """
    WITH put AS (
        INSERT INTO orders_allocation (created_at, public_id, invoice_id, source_id, amount, cause)
        SELECT clock_timestamp(), new.public_id, new.invoice_id, %(source_id)s,
               new.amount, %(cause)s::text
          FROM unnest(%(public_ids)s::text[], %(invoice_ids)s::bigint[], %(amounts)s::bigint[])
               WITH ORDINALITY AS new (public_id, invoice_id, amount, place)
         WHERE NOT EXISTS (SELECT FROM orders_allocation WHERE cause = %(cause)s::text)
         ORDER BY new.place
        RETURNING *
    ), changed AS (
        UPDATE orders_invoice SET allocated = orders_invoice.allocated + put.amount
          FROM put WHERE orders_invoice.id = put.invoice_id
    )
    SELECT id, created_at, public_id, invoice_id, source_id, amount, cause,
           EXISTS (SELECT FROM orders_invoicehold hold
                    WHERE hold.invoice_id = put.invoice_id AND hold.released_at IS NULL) AS is_held
      FROM put ORDER BY id
"""


@in_a_transaction
def record_payment(
    *,
    invoices: Sequence[tuple[int, Money]],
    source_id: str,
    cause: str,
    held: Mapping[int, Invoice] | None = None,
) -> list[Allocation]:
    """Put money on invoices, at most what is open on each; answers what was put.

    `invoices` are pairs of an invoice's primary key and the most it should get. What finds no
    invoice stays with the caller; `held` are invoices that the caller has locked. Safe to
    repeat: a cause that has allocated before answers what it did then. Raises AmountUnusable
    for another currency, or an amount not above zero.
    """
    wanted = dict(invoices)
    locked = _lock(list(wanted)) if held is None else held
    for pk, amount in wanted.items():
        _refuse_unusable(amount, locked[pk])
    given = [
        (locked[pk], min(amount.minor, locked[pk].open_amount)) for pk, amount in wanted.items()
    ]
    return _write([pair for pair in given if pair[1]], source_id=source_id, cause=cause)


@in_a_transaction
def take_back(*, source_id: str, amount: Money, cause: str) -> list[Allocation]:
    """Take money of a source off its invoices again, the newest allocation first.

    Answers the negative allocations, which are less than `amount` in sum when less was
    allocated. Safe to repeat, as `record_payment` is. The caller holds what the source belongs
    to, so that nobody allocates more of it meanwhile.
    """
    paid = Allocation.objects.filter(source_id=source_id).values_list("invoice_id", flat=True)
    locked = _lock(list(paid.distinct().order_by()))
    taken, left = [], amount.minor
    for pk, allocated in Allocation.objects.still_allocated(source_id):
        _refuse_unusable(amount, locked[pk])
        if part := min(allocated, left):
            taken.append((locked[pk], -part))
            left -= part
    return _write(taken, source_id=source_id, cause=cause)


@in_a_transaction
def take_off(*, invoice: Invoice, amount: Money, source_id: str, cause: str) -> list[Allocation]:
    """Take money of a source off one invoice that the caller has locked.

    Safe to repeat, as `record_payment` is. Raises AmountUnusable, also for more than the source
    pays of the invoice.
    """
    _refuse_unusable(amount, invoice)
    paid = dict(Allocation.objects.still_allocated(source_id)).get(invoice.pk, 0)
    is_repeated = Allocation.objects.filter(cause=cause, invoice=invoice).exists()
    if amount.minor > paid and not is_repeated:
        raise AmountUnusable(currency=invoice.currency)
    return _write([(invoice, -amount.minor)], source_id=source_id, cause=cause)


def _lock(pks: Sequence[int]) -> dict[int, Invoice]:
    return {invoice.pk: invoice for invoice in locks.by_pk(Rank.INVOICE, Invoice, pks)}


def _refuse_unusable(amount: Money, invoice: Invoice) -> None:
    if amount.currency != invoice.currency or amount.minor <= 0:
        raise AmountUnusable(currency=invoice.currency)


def _write(
    amounts: Sequence[tuple[Invoice, int]], *, source_id: str, cause: str
) -> list[Allocation]:
    """Write allocations to locked invoices, or give those that the cause wrote before."""
    invoices = {invoice.pk: invoice for invoice, _ in amounts}
    values = {
        "public_ids": [make_public_id("alc") for _ in amounts],
        "invoice_ids": list(invoices),
        "amounts": [amount for _, amount in amounts],
        "source_id": source_id,
        "cause": cause,
    }
    written = rows.fetch(Allocation, _WRITE, values) if amounts else []
    if not written:
        return list(Allocation.objects.filter(cause=cause).select_related("invoice"))
    for allocation in written:
        allocation.invoice = invoices[allocation.invoice_id]
        allocation.invoice.allocated += allocation.amount
        allocation.invoice.open_amount -= allocation.amount
    if held := [one.invoice_id for one in written if one.is_held and one.amount > 0]:  # type: ignore[attr-defined]
        promises.money_came(held)
        plan_progress.money_came(held)
    return written
