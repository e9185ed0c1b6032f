"""Keeping in mind, and on the capture, what of its money pays which invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orders.models import Allocation
    from payments.models import Capture
    from payments.services.payment import Payment


def note(
    payment: Payment,
    capture: Capture,
    before: Mapping[int, int],
    allocations: Iterable[Allocation],
) -> None:
    """Keep in mind what of a capture now pays which invoice."""
    after = dict(before)
    for one in allocations:
        after[one.invoice_id] = after.get(one.invoice_id, 0) + one.amount
    payment.allocated[capture.public_id] = after
    payment.change(capture, allocated=sum(after.values()))
