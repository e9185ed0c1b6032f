"""Which transfers a payment's joined state calls for. Pure: it only names them.

A line says what must stand between two accounts for one subject; the ledger posts the
difference to what stands there already. So repeating a line changes nothing, and a state
that falls back (a capture that failed later) is reversed by the same line with target 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CLEARING_PARTS: Final = 8
"""Sub-accounts of a clearing account, so that many payments do not wait for one row."""


@dataclass(frozen=True, slots=True)
class Line:
    """`target` minor units must stand from `credit` to `debit` for this subject and pair."""

    subject: str
    pair: str
    debit: str
    credit: str
    target: int


@dataclass(frozen=True, slots=True)
class CapturedMoney:
    """One capture, what hangs on it, and whose accounts it touches. Minor units."""

    subject: str
    currency: str
    clearing: str
    customer: int
    captured: int
    allocated: Mapping[int, int]
    """Invoice pk to the amount of this capture that pays it."""
    receivables: Mapping[int, int]
    """Invoice pk to the customer who owes it."""


@dataclass(frozen=True, slots=True)
class ReturnedMoney:
    """One refund or dispute of a capture. Minor units; `lost` only for a lost dispute."""

    subject: str
    currency: str
    clearing: str
    customer: int
    amount: int
    lost: int = 0


def account(code: str, currency: str, owner: str = "") -> str:
    """Return the key of a ledger account."""
    return f"{code}:{currency}:{owner}"


def clearing(currency: str, account_id: int, intent_id: int) -> str:
    """Return the sub-account of the provider's clearing account that an intent uses."""
    return account("provider-clearing", currency, f"a{account_id}.{intent_id % CLEARING_PARTS}")


def funds(currency: str, customer: int) -> str:
    """Return the customer's funds: money taken and not yet used for an invoice."""
    return account("customer-funds", currency, f"c{customer}")


def receivable(currency: str, customer: int) -> str:
    """Return what the customer owes on invoices."""
    return account("receivable", currency, f"c{customer}")


def capture_lines(captures: Iterable[CapturedMoney]) -> Iterator[Line]:
    """Money taken, and the invoices it pays."""
    for one in captures:
        own = funds(one.currency, one.customer)
        yield Line(one.subject, "captured", one.clearing, own, one.captured)
        for invoice, amount in one.allocated.items():
            owed = receivable(one.currency, one.receivables[invoice])
            yield Line(one.subject, f"allocated:{invoice}", own, owed, amount)


def refund_lines(refunds: Iterable[ReturnedMoney]) -> Iterator[Line]:
    """Money given back."""
    for one in refunds:
        own = funds(one.currency, one.customer)
        yield Line(one.subject, "refunded", own, one.clearing, one.amount)


def dispute_lines(disputes: Iterable[ReturnedMoney]) -> Iterator[Line]:
    """Money the customer's bank holds, and what is lost for good."""
    for one in disputes:
        held = account("disputed", one.currency)
        losses = account("dispute-losses", one.currency)
        yield Line(one.subject, "disputed", held, one.clearing, one.amount)
        yield Line(one.subject, "dispute-lost", losses, held, one.lost)


def invoice_lines(
    subject: str, currency: str, customer: int, parts: Iterable[tuple[int, int, int]], *, sign: int
) -> Iterator[Line]:
    """Post an invoice (`sign` 1) or a credit note (−1): a transfer for each part.

    `parts` are (VAT rate in basis points, net, VAT), minor units.
    """
    owed = receivable(currency, customer)
    for rate, net, vat in parts:
        revenue = account("revenue", currency)
        payable = account("vat-payable", currency, str(rate))
        yield Line(subject, f"net:{rate}", *_sided(owed, revenue, sign), net)
        yield Line(subject, f"vat:{rate}", *_sided(owed, payable, sign), vat)


def _sided(debit: str, credit: str, sign: int) -> tuple[str, str]:
    return (debit, credit) if sign > 0 else (credit, debit)
