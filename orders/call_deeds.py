"""What was promised and agreed during a call, for its wrap-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Min, Value
from django.utils.translation import gettext as _

from core.money import Money
from core.writing import reader_locale, write_day, write_money
from crm.wrapping import Deed
from orders.models import InstalmentPlan, PromiseToPay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.models import Call

COLUMNS = ("created_at", "amount", "currency", "day", "parts")


def tell(call: Call) -> Iterator[Deed]:
    """Tell the promises and instalments of a call that were not taken back. One query."""
    caller = {} if call.customer_id is None else {"customer": call.customer_id}
    made = {"call": call, "withdrawn_at": None, **caller}
    promises = PromiseToPay.objects.filter(**made).annotate(day=Min("due_on"), parts=Value(0))
    plans = InstalmentPlan.objects.filter(**made).annotate(
        day=Min("instalments__due_on"), parts=Count("instalments")
    )
    told = (
        promises.order_by()
        .values_list(*COLUMNS)
        .union(plans.order_by().values_list(*COLUMNS), all=True)
    )
    for at, minor, currency, day, parts in told.order_by("created_at"):
        amount = write_money(Money(minor, currency))
        if parts:
            words = _("Agreed to pay %(amount)s in %(count)s instalments.")
            yield Deed(at, "instalments", words % {"amount": amount, "count": parts})
        else:
            said = {"amount": amount, "day": write_day(day, reader_locale())}
            yield Deed(at, "promised", _("Promised %(amount)s by %(day)s.") % said)
