"""Taking back pieces of lines of an invoice, with their own tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.money import Money, share_out
from core.transactions import in_a_transaction
from orders import vat
from orders.errors import CreditExceedsOpen
from orders.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from orders.services.credit import credit, credited_so_far

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.services.actors import Actor

    type Pieces = Sequence[tuple[InvoiceLine, int]]


def gross_of(pieces: Pieces) -> int:
    """What pieces of lines cost, tax included (minor units)."""
    return sum(line.unit_price * quantity for line, quantity in pieces)


def parts_of(invoice: Invoice, pieces: Pieces) -> list[vat.Part]:
    """How pieces of lines fall on the tax rates. Raises CreditExceedsOpen beyond a rate's rest."""
    wanted: dict[int, int] = {}
    for line, quantity in pieces:
        wanted[line.vat_bp] = wanted.get(line.vat_bp, 0) + line.unit_price * quantity
    invoiced, credited = credited_so_far(invoice)
    try:
        return vat.credit_by_rate(invoiced, credited, wanted)
    except ValueError as error:
        left = Money(invoice.total - invoice.credited, invoice.currency)
        raise CreditExceedsOpen(left=left, number=invoice.number) from error


@in_a_transaction
def credit_lines(*, invoice: Invoice, pieces: Pieces, actor: Actor, reason: str = "") -> CreditNote:
    """Issue a credit note that names its lines, for an invoice that the caller has locked.

    Raises CreditExceedsOpen when less is open, in all or of a tax rate.
    """
    parts = parts_of(invoice, pieces)
    amount = Money(gross_of(pieces), invoice.currency)
    note = credit(invoice, amount, actor=actor, reason=reason, parts=parts)
    taxes = _taxes(pieces, parts)
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            credit_note=note,
            line=line,
            position=position,
            description=line.description,
            quantity=quantity,
            unit_price=line.unit_price,
            vat_bp=line.vat_bp,
            gross=line.unit_price * quantity,
            net=line.unit_price * quantity - tax,
            vat=tax,
        )
        for position, ((line, quantity), tax) in enumerate(zip(pieces, taxes, strict=True), start=1)
    )
    return note


def _taxes(pieces: Pieces, parts: Sequence[vat.Part]) -> list[int]:
    """Share the tax of each rate among its lines, to the cent."""
    taxes = [0] * len(pieces)
    for part in parts:
        own = [place for place, (line, _) in enumerate(pieces) if line.vat_bp == part.vat_bp]
        weights = [pieces[place][0].unit_price * pieces[place][1] for place in own]
        shares = share_out(part.vat, weights) if part.vat else [0] * len(own)
        for place, share in zip(own, shares, strict=True):
            taxes[place] = share
    return taxes
