"""What was promised during a call, for its wrap-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.money import Money, format_money
from core.writing import reader_locale, write_day
from crm.wrapping import Deed
from orders.models import PromiseToPay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.models import Call


def tell(call: Call) -> Iterator[Deed]:
    """Tell the promises of a call that were not taken back."""
    promises = PromiseToPay.objects.filter(call=call, withdrawn_at=None)
    if call.customer_id is not None:
        promises = promises.filter(customer=call.customer_id)
    for promise in promises.order_by("pk"):
        amount = format_money(Money(promise.amount, promise.currency), reader_locale())
        said = {"amount": amount, "day": write_day(promise.due_on, reader_locale())}
        yield Deed(promise.created_at, "promised", _("Promised %(amount)s by %(day)s.") % said)
