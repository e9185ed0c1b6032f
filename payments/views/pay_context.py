"""What the Pay panel shows: fresh, or with what was typed kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from core import policy
from core.money import Money
from core.policy import Permission
from core.writing import write_money
from payments import desk, errors, troubles
from payments.forms import (
    DEFAULT_CURRENCY,
    ActForm,
    PaymentForm,
    key_of,
    new_operation,
    read_amount,
)
from payments.masking import masked
from payments.services import terminals, transfers
from payments.services.destinations import destinations_of
from payments.views.keyed_context import on_the_line
from payments.views.once import FormAlreadyUsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from crm.models import Customer
    from orders.models import Invoice


@dataclass(frozen=True, slots=True)
class Row:
    """One open item on the panel."""

    invoice: Invoice
    is_ticked: bool
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link can go: the value of its button, and what may be shown of it."""

    key: str
    channel: str
    label: str


def panel_context(
    user: User,
    customer: Customer,
    *,
    form: PaymentForm | None = None,
    items: Sequence[Invoice] | None = None,
) -> dict[str, Any]:
    """Everything the panel shows: fresh, or with what was typed into a form kept."""
    found = desk.open_items(customer.pk) if items is None else items
    may_take = policy.allows(user, Permission.TAKE_PAYMENT)
    currency = _currency(found, form)
    rows = [Row(one, _is_ticked(one, currency, form), one.is_waiting) for one in found]  # type: ignore[attr-defined]
    owed = Money(
        sum(row.invoice.open_amount for row in rows if row.is_ticked and _in(currency, row)),
        currency,
    )
    shown = write_money(owed) if owed else ""
    amount = form.kept("amount") if form is not None and _is_by_hand(form) else shown
    asked = _read(amount, currency)
    return {
        "customer": customer,
        "may_take": may_take,
        "may_transfer": may_take and transfers.is_possible(),
        "may_use_terminal": may_take
        and terminals.has_any(currency, is_practice=customer.is_practice),
        "may_arrange": policy.allows(user, Permission.ARRANGE_PAYMENT),
        "rows": rows,
        "ticked": sum(row.is_ticked for row in rows),
        "currency": currency,
        "shown": shown,
        "amount": amount,
        "asked": asked,
        "asks_surplus": asked is not None and asked > owed,
        "owed": owed,
        "places": places_of(customer) if may_take else [],
        "methods": desk.saved_methods(customer.pk) if may_take else [],
        "phone": on_the_line(user, customer, currency) if may_take else None,
        "troubles": _troubles(customer, currency) if may_take else [],
        "operation": operation_of(form),
        "form": form,
        "asks_replace": form is not None and isinstance(form.refusal, errors.LinkStillPayable),
        "replaces_open_page": bool(form and form.data.get("replaces_open_page")),
        "allows_surplus": bool(form and form.data.get("allows_surplus")),
    }


def _troubles(customer: Customer, currency: str) -> list[troubles.Trouble]:
    return troubles.of_currency(currency, is_practice=customer.is_practice)


def _currency(items: Sequence[Invoice], form: PaymentForm | None) -> str:
    """The currency asked in: of what is ticked, else of the oldest item, else the house's own."""
    ticked = form.ticked if form is not None else set()
    chosen = [one.currency for one in items if one.public_id in ticked]
    first = chosen[:1] or [one.currency for one in items[:1]]
    return first[0] if first else DEFAULT_CURRENCY


def _in(currency: str, row: Row) -> bool:
    return row.invoice.currency == currency


def _is_ticked(invoice: Any, currency: str, form: PaymentForm | None) -> bool:
    """Oldest first, all that are in one currency and not asked for already."""
    if form is not None:
        return invoice.public_id in form.ticked
    return bool(invoice.currency == currency and not invoice.is_waiting)


def _is_by_hand(form: PaymentForm) -> bool:
    return bool(form.data.get("amount", "") != form.data.get("shown", ""))


def _read(amount: str, currency: str) -> Money | None:
    """The amount, or None where there is none that can be read."""
    try:
        return read_amount(amount, currency) if amount else None
    except ValidationError:
        return None


def places_of(customer: Customer) -> list[Place]:
    """Where a link can go, the preferred channel first."""
    return [
        Place(key_of(one), one.channel, masked(one.channel, one.address))
        for one in destinations_of(customer)
    ]


def operation_of(form: ActForm | None) -> str:
    """The id of the form that was refused, so that it stays one act; else a new one."""
    if form is None or "operation" in form.errors or isinstance(form.refusal, FormAlreadyUsed):
        return new_operation()
    return str(form.data.get("operation", "")) or new_operation()
