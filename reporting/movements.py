"""Money that moved on a day, as the ledger has it: taken, refunded, disputed.

A movement belongs to the day on which it was posted, so the figures of a past day never
change: a capture that fails later counts against the day it failed. Amounts are signed from
our side, in minor units: what was taken is positive, what went back is negative.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.money import Money
from reporting.days import bounds_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from reporting.days import Bounds


class Kind(TextChoices):
    """Which way money went. The values are the ledger's pairs."""

    CAPTURED = "captured", _("taken")
    REFUNDED = "refunded", _("refunded")
    DISPUTED = "disputed", _("disputed")


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the report: a day, and what it was narrowed to. Empty means any."""

    day: dt.date
    currency: str = ""
    method: str = ""
    account: str = ""
    kind: str = ""

    def of(self, kind: str) -> Cell:
        """Return the same cell, for one kind of movement."""
        return replace(self, kind=kind)

    @property
    def query(self) -> dict[str, str]:
        """What stands in the address of the rows behind it."""
        named = {
            "currency": self.currency,
            "method": self.method,
            "account": self.account,
            "kind": self.kind,
        }
        return {"day": self.day.isoformat()} | {key: value for key, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Moved:
    """The movements of one kind, method and provider account: how many, and their sum."""

    method: str
    account: str
    provider: str
    kind: str
    count: int
    sum: Money


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement, with the payment and the customer it belongs to."""

    at: dt.datetime
    kind: Kind
    method: str
    provider: str
    amount: Money
    intent: str
    customer: str
    customer_name: str


# The provider's side of a movement is its clearing account, in the movement's own currency.
# There are few of them: read once by their key, not once a movement. Those of accounts for
# practice are left out, and with them all that was made up.
_MOVED = """
    WITH clearing AS MATERIALIZED (
        SELECT id, currency FROM payments_ledgeraccount
         WHERE key LIKE 'provider-clearing:%%'
           AND split_part(owner, '.', 1) <> ALL (ARRAY(
                   SELECT 'a' || id FROM payments_provideraccount WHERE is_practice))
    ), moved AS (
        SELECT t.id, t.created_at, t.pair, t.subject,
               CASE WHEN (t.pair = 'captured') <> t.is_reverse THEN t.debit_id
                    ELSE t.credit_id END AS clearing_id,
               CASE WHEN (t.pair = 'captured') <> t.is_reverse THEN t.amount
                    ELSE -t.amount END AS amount
          FROM payments_transfer t
         WHERE t.pair IN ('captured', 'refunded', 'disputed')
           AND t.created_at >= %(start)s AND t.created_at < %(end)s
           AND (%(kind)s = '' OR t.pair = %(kind)s)
    ), placed AS (
        SELECT m.*, c.attempt_id
          FROM moved m JOIN payments_capture c ON c.public_id = m.subject
         WHERE m.pair = 'captured'
        UNION ALL
        SELECT m.*, c.attempt_id
          FROM moved m JOIN payments_refund r ON r.public_id = m.subject
          JOIN payments_capture c ON c.id = r.capture_id
         WHERE m.pair = 'refunded'
        UNION ALL
        SELECT m.*, c.attempt_id
          FROM moved m JOIN payments_dispute d ON d.public_id = m.subject
          JOIN payments_capture c ON c.id = d.capture_id
         WHERE m.pair = 'disputed'
    ), cell AS (
        SELECT p.id, p.created_at, p.pair, p.amount, l.currency, a.method, a.intent_id,
               o.public_id AS account, o.name AS provider
          FROM placed p
          JOIN clearing l ON l.id = p.clearing_id
          JOIN payments_paymentattempt a ON a.id = p.attempt_id
          JOIN payments_provideraccount o ON o.id = a.account_id
         WHERE (%(currency)s = '' OR l.currency = %(currency)s)
           AND (%(method)s = '' OR a.method = %(method)s)
           AND (%(account)s = '' OR o.public_id = %(account)s)
    )
"""
_GROUPED = """
    SELECT method, account, provider, pair, count(*), sum(amount)::bigint, currency
      FROM cell GROUP BY currency, method, account, provider, pair
     ORDER BY currency, method, provider, account, pair
"""
_LISTED = """
    SELECT v.created_at, v.pair, v.method, v.provider, v.amount, v.currency, i.public_id,
           k.public_id, k.name
      FROM (SELECT * FROM cell ORDER BY created_at DESC, id DESC
             LIMIT %(limit)s OFFSET %(skip)s) AS v
      JOIN payments_paymentintent i ON i.id = v.intent_id
      JOIN crm_customer k ON k.id = i.customer_id
     ORDER BY v.created_at DESC, v.id DESC
"""

# Each span is summed for itself: joined with all of them at once, every transfer ever is read.
_LEFT = """
    WITH clearing AS MATERIALIZED (
        SELECT id, currency FROM payments_ledgeraccount
         WHERE key LIKE 'provider-clearing:%%'
           AND split_part(owner, '.', 1) <> ALL (ARRAY(
                   SELECT 'a' || id FROM payments_provideraccount WHERE is_practice))
    ), span AS (
        SELECT * FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])
                      WITH ORDINALITY AS s(starts_at, ends_at, number)
    )
    SELECT of_span.currency, s.number, of_span.amount
      FROM span s
     CROSS JOIN LATERAL (
        SELECT l.currency,
               sum(CASE WHEN (t.pair = 'captured') <> t.is_reverse THEN t.amount
                        ELSE -t.amount END)::bigint AS amount
          FROM payments_transfer t
          JOIN clearing l
            ON l.id = CASE WHEN (t.pair = 'captured') <> t.is_reverse THEN t.debit_id
                           ELSE t.credit_id END
         WHERE t.pair IN ('captured', 'refunded', 'disputed')
           AND t.created_at >= s.starts_at AND t.created_at < s.ends_at
         GROUP BY l.currency
     ) AS of_span
     ORDER BY of_span.currency
"""


def left_of(spans: Sequence[Bounds]) -> dict[str, list[Money]]:
    """Return per currency what was taken and did not go back in each span. One statement."""
    values = {"starts": [one.start for one in spans], "ends": [one.end for one in spans]}
    found: dict[str, list[Money]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, values)
        for currency, number, minor in cursor.fetchall():
            amounts = found.setdefault(currency, [Money.zero(currency) for _ in spans])
            amounts[number - 1] = Money(minor, currency)
    return found


def grouped(cell: Cell) -> list[Moved]:
    """Sum a cell by currency, method, provider account and kind. One statement."""
    return [
        Moved(method, account, provider, kind, count, Money(int(total), currency))
        for method, account, provider, kind, count, total, currency in _rows(_GROUPED, cell)
    ]


def listed(cell: Cell, *, skip: int, limit: int) -> list[Movement]:
    """Return movements of a cell, the newest first. One statement."""
    rows = _rows(_LISTED, cell, skip=skip, limit=limit)
    return [
        Movement(at, Kind(kind), method, provider, Money(amount, currency), *whose)
        for at, kind, method, provider, amount, currency, *whose in rows
    ]


def _rows(wanted: str, cell: Cell, **more: int) -> Iterator[tuple[Any, ...]]:
    bounds = bounds_of(cell.day)
    values: dict[str, str | int | dt.datetime] = {
        "start": bounds.start,
        "end": bounds.end,
        "kind": cell.kind,
        "currency": cell.currency,
        "method": cell.method,
        "account": cell.account,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED + wanted, {**values, **more})
        yield from cursor.fetchall()
