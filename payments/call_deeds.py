"""What was done about money during a call, for its wrap-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from core.money import Money
from core.writing import write_money
from crm.wrapping import Deed
from payments.models import Capture, CheckoutSession, PaymentIntent, Refund

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.models import Call

GONE_BACK = (Refund.Status.REQUESTED, Refund.Status.PENDING, Refund.Status.SUCCEEDED)


def tell(call: Call) -> Iterator[Deed]:
    """Tell what was paid, sent, called off and given back, each in one sentence.

    Where the caller is known, what was done for another customer meanwhile is not told.
    """
    yield from _paid(call)
    yield from _links(call)
    yield from _called_off(call)
    yield from _refunds(call)


def _paid(call: Call) -> Iterator[Deed]:
    taken = Capture.objects.filter(
        _of_caller(call, "attempt__intent__"), attempt__call=call, captured__gt=0
    )
    for capture in taken.order_by("pk"):
        amount = write_money(Money(capture.captured, capture.currency))
        yield Deed(capture.created_at, "paid", _("Paid %(amount)s.") % {"amount": amount})


def _links(call: Call) -> Iterator[Deed]:
    links = CheckoutSession.objects.filter(
        _of_caller(call, "intent__"), call=call, kind=CheckoutSession.Kind.LINK
    )
    unpaid = links.exclude(status=CheckoutSession.Status.PAID).exclude(destination="")
    for link in unpaid.select_related("intent").order_by("pk"):
        words = (
            _("Sent a link for %(amount)s by SMS.")
            if link.channel == "sms"
            else _("Sent a link for %(amount)s by e-mail.")
        )
        yield Deed(link.created_at, "link_sent", words % {"amount": write_money(link.intent.money)})


def _called_off(call: Call) -> Iterator[Deed]:
    canceled = PaymentIntent.objects.filter(
        _of_caller(call), call=call, status=PaymentIntent.Status.CANCELED
    )
    for intent in canceled.order_by("pk"):
        words = _("The payment of %(amount)s was cancelled.")
        yield Deed(
            intent.created_at, "answered_question", words % {"amount": write_money(intent.money)}
        )


def _refunds(call: Call) -> Iterator[Deed]:
    own = _of_caller(call, "capture__attempt__intent__")
    for refund in Refund.objects.filter(own, call=call, status__in=GONE_BACK).order_by("pk"):
        words = _("Refunded %(amount)s: %(reason)s.")
        said = {"amount": write_money(refund.money), "reason": refund.reason.rstrip(".")}
        yield Deed(refund.created_at, "refunded", words % said)


def _of_caller(call: Call, path: str = "") -> Q:
    return Q() if call.customer_id is None else Q(**{f"{path}customer": call.customer_id})
