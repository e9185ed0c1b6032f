"""Bank transfers that a customer says will come: told, waited for, and nothing else.

Nothing is opened at any provider. The money is known by the reference of its invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from core.money import Money
from payments import errors
from payments.models import CheckoutSession, IntentItem
from payments.services import links
from payments.services.apply import conclude
from payments.services.payment import in_one_transaction, lock_payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from orders.models import Invoice
    from payments.services.destinations import Destination

WAITED_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer of the customer's: an amount, and the references of its invoice."""

    amount: Money
    invoice: Invoice

    @property
    def reference(self) -> str:
        return self.invoice.reference

    @property
    def rf_reference(self) -> str:
        return self.invoice.rf_reference


def is_possible() -> bool:
    """Whether the house has named an account to pay to."""
    return bool(settings.MERCHANT_IBAN)


def spread(amount: Money, invoices: Sequence[Invoice]) -> list[Transfer]:
    """Spread an amount over invoices in their order, each up to what is open: as money pays."""
    left, found = amount.minor, []
    for invoice in invoices:
        part = min(left, invoice.open_amount)
        if part > 0:
            found.append(Transfer(Money(part, amount.currency), invoice))
            left -= part
    return found


def transfers_of(session: CheckoutSession) -> list[Transfer]:
    """The transfers that a session waits for."""
    items = IntentItem.objects.filter(intent=session.intent_id).select_related("invoice")
    currency = session.intent.currency
    return [Transfer(Money(item.amount, currency), item.invoice) for item in items.order_by("pk")]


@in_one_transaction
def expect(
    *,
    intent_id: int,
    actor: User,
    destination: Destination | None = None,
    replaces_open_page: bool = False,
) -> CheckoutSession:
    """Wait for a transfer, and send its figures where a destination is given.

    Another way to pay that is open closes; where a transfer is waited for already, it stays.
    Raises NoAccountToPayTo, and what `open_link` raises.
    """
    if not is_possible():
        raise errors.NoAccountToPayTo
    session = _open_session(intent_id)
    if session is None:
        payment = lock_payment(intent_id)
        session = CheckoutSession(
            intent=payment.intent,
            kind=CheckoutSession.Kind.BANK,
            language=payment.intent.customer.language,
            expires_at=timezone.now() + WAITED_FOR,
        )
        links.open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
        conclude(payment)
    if destination is not None:
        return links.resend_link(session_id=session.pk, actor=actor, destination=destination)
    return session


def _open_session(intent_id: int) -> CheckoutSession | None:
    kind = CheckoutSession.Kind.BANK
    return CheckoutSession.objects.payable(kind).filter(intent=intent_id).first()
