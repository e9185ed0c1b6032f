"""Closing every open way to pay some invoices, where instalments take its place.

Nobody is to pay by an old link what is paid in parts from now on. First all is locked that the
invoices and their payments need, in the order of locks; then it is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core import locks
from core.locks import Rank
from crm.services import rows
from orders.models import Invoice
from payments import errors
from payments.models import CheckoutSession, PaymentAttempt, PaymentIntent
from payments.services import links, settling
from payments.services.apply import conclude
from payments.services.payment import InvoicesChanged, Payment, invoice_ids, lock_payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import ApiKey, User

Status = CheckoutSession.Status


def lock_payable(customer_id: int, invoices: Sequence[int]) -> list[Payment]:
    """Lock a customer, invoices (pk), and each payment of them that can still be paid.

    No other payment of these invoices begins from then on, for that takes the lock of an invoice.
    Raises InvoicesChanged where one opened while the locks were awaited: start over.
    """
    rows.locked(customer_id)
    found = _payable(invoices)
    locks.by_pk(Rank.INVOICE, Invoice, sorted({*invoices}.union(*found.values())))
    if _payable(invoices) != found:
        raise InvoicesChanged
    return [lock_payment(intent_id) for intent_id in found]


def close(
    payments: Sequence[Payment], *, actor: User | ApiKey, replaces_open_page: bool = False
) -> None:
    """Close what is open of payments that are locked. Money that comes all the same still pays.

    Raises OutcomeStillUnknown while money is on its way or may have moved, and LinkStillPayable
    while a provider's page can still be paid, unless replacing it was confirmed.
    """
    for payment in payments:
        if _is_moving(payment):
            raise errors.OutcomeStillUnknown
        for session in payment.sessions:
            if session.status == Status.OPEN:
                links.close_session(payment, session, actor=actor)
        settling.refuse_open_page(payment, confirmed=replaces_open_page)
        conclude(payment)


def _is_moving(payment: Payment) -> bool:
    """Whether money is on its way, or may have moved, without any page that could be closed."""
    direct = (one for one in payment.attempts if one.session_id is None)
    asked_for = payment.intent.blocked_by_unknown or payment.is_being_taken()
    return asked_for or any(map(payment.is_in_flight, direct))


def _payable(invoices: Sequence[int]) -> dict[int, list[int]]:
    """The payments of invoices that have a page or a charge, in order, each with its invoices."""
    has_page = Q(sessions__status__in=[Status.OPEN, Status.CLOSING])
    is_charged = Q(
        attempts__session=None,
        attempts__status__in=[PaymentAttempt.Status.UNKNOWN, PaymentAttempt.Status.PENDING],
    )
    found = PaymentIntent.objects.filter(has_page | is_charged, items__invoice__in=invoices)
    intents = found.order_by("pk").values_list("pk", flat=True).distinct()
    return {intent_id: invoice_ids(intent_id) for intent_id in intents}
