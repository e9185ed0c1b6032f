"""What stands on the pay page: the state a link is in, what is paid for, and by which ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from babel.lists import format_list
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import rows
from core.money import Money
from core.writing import reader_locale, write_instant, write_time
from orders.writing import write_sold
from payments.error_codes import meaning_of
from payments.method_names import hint_of, name_of
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderAccount,
)
from payments.services import checkout, declines, receipts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payments.models import IntentItem

MOST_ROWS = 12
SOON = timedelta(hours=1)
OF_SESSION = "WHERE session_id = %s ORDER BY id"


class State(StrEnum):
    """How a pay link stands, as far as its holder may know."""

    OPEN = "open"
    CHECKING = "checking"
    PAID = "paid"
    RESERVED = "reserved"
    PARTLY_PAID = "partly_paid"
    EXPIRED = "expired"
    CLOSED = "closed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what is paid for."""

    text: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay, as a button shows it."""

    method: str
    name: str
    hint: str


class PayPage:
    """One link as its holder sees it now. Only reads."""

    def __init__(self, session: CheckoutSession, *, has_returned: bool = False) -> None:
        self.session = session
        self.intent = session.intent
        self.attempts = rows.read(PaymentAttempt, OF_SESSION, [session.pk])
        rows.follow(self.attempts, "account", ProviderAccount)
        self.state = self._state(has_returned=has_returned)

    @cached_property
    def accounts(self) -> list[ProviderAccount]:
        """The accounts that take this payment, read once."""
        return checkout.accounts_for(self.intent)

    @cached_property
    def rests_until(self) -> datetime | None:
        """Until when nothing can be paid by the link because too much was declined, or None."""
        return declines.rests_until(self.session) if self.attempts else None

    @property
    def live_attempt(self) -> PaymentAttempt | None:
        """The attempt whose page the customer may go on with."""
        return next((a for a in self.attempts if a.is_live and a.page_url), None)

    @property
    def amount(self) -> Money:
        """What is still to be paid; of a link that was paid, what it was paid with."""
        if self.state in {State.OPEN, State.CHECKING}:
            return self.intent.left_to_pay or self.intent.money
        held = sum(attempt.captured + attempt.capturable for attempt in self.attempts)
        return Money(held, self.intent.currency) if held else self.intent.money

    @property
    def receipt_address(self) -> str:
        """Where the receipt of the money that came by this very link is, or nothing."""
        if self.state not in {State.PAID, State.PARTLY_PAID}:
            return ""
        taken = Capture.objects.filter(attempt__session=self.session, captured__gt=0)
        capture = taken.order_by("-pk").first()
        return receipts.address_of(capture) if capture is not None else ""

    def offered(self) -> list[str]:
        """Return the methods that can be chosen, the recommended one first."""
        live = self.live_attempt
        methods = checkout.methods_of(self.accounts)
        first = live.method if live is not None else self.intent.customer.preferred_method
        if live is not None and live.method not in methods:
            methods.append(live.method)
        return sorted(methods, key=lambda method: method != first)

    def ways(self, *, was_refused: bool = False) -> list[Way]:
        """Return the buttons. A payment that was started says so on its own."""
        live = self.live_attempt
        going_on = live.method if live is not None else ""
        onward = _("try again") if was_refused else _("continue")
        return [
            Way(method, name_of(method), onward if method == going_on else hint_of(method))
            for method in self.offered()
        ]

    def last_refusal(self) -> str:
        """Why the customer's last try was refused, or nothing where it was not."""
        if not self.attempts:
            return ""
        last = self.attempts[-1]
        told = PaymentEvent.objects.filter(
            intent=self.intent,
            subject_kind__in=["decline", "attempt"],
            subject_id=last.public_id,
            status="declined",
        )
        event = told.order_by("-pk").first()
        return meaning_of(last.account.kind, event.code).customer_sentence if event else ""

    def _state(self, *, has_returned: bool) -> State:
        return (
            self._state_of_money()
            or self._state_of_waiting(has_returned=has_returned)
            or self._state_of_link()
        )

    def _state_of_money(self) -> State | None:
        if self.intent.status == PaymentIntent.Status.SUCCEEDED:
            return State.PAID
        if self.session.status != CheckoutSession.Status.PAID:
            return None
        if any(attempt.capturable for attempt in self.attempts):
            return State.RESERVED
        return State.PARTLY_PAID if any(a.captured for a in self.attempts) else None

    def _state_of_waiting(self, *, has_returned: bool) -> State | None:
        """Being confirmed: the outcome is unknown, or the customer is back before the news."""
        is_processing = self.intent.status == PaymentIntent.Status.PROCESSING
        if self.intent.blocked_by_unknown or is_processing:
            return State.CHECKING
        live = self.live_attempt
        has_news_to_come = live is not None and live.status in checkout.UNDER_WAY
        return State.CHECKING if has_returned and has_news_to_come else None

    def _state_of_link(self) -> State:
        if self.intent.status == PaymentIntent.Status.CANCELED:
            return State.CANCELED
        status = self.session.status
        is_over = self.session.expires_at <= timezone.now()
        if status == CheckoutSession.Status.OPEN and not is_over:
            return State.OPEN
        is_expired = status in {CheckoutSession.Status.OPEN, CheckoutSession.Status.EXPIRED}
        return State.EXPIRED if is_expired else State.CLOSED


def open_context(shown: PayPage, problem: str = "") -> dict[str, Any]:
    """Return what only a link that can be paid shows: what for, until when, and how."""
    items = list(
        shown.intent.items.select_related("invoice")
        .prefetch_related("invoice__lines")
        .order_by("invoice__due_on", "pk")
    )
    refusal = shown.last_refusal()
    rests = shown.rests_until
    return {
        "reason": _reason(shown.intent, items),
        "validity": validity(shown.session.expires_at),
        "rows": rows_of(shown.intent, items),
        "ways": [] if rests else shown.ways(was_refused=bool(refusal)),
        "rest": rest(rests) if rests else "",
        "problem": problem or refusal,
        "started": shown.live_attempt is not None,
        "can_keep": checkout.can_keep_card(shown.accounts),
    }


def rows_of(intent: PaymentIntent, items: Sequence[IntentItem]) -> list[Row]:
    """Return what is paid for, line by line; the rows add up to what is left to pay.

    An invoice paid in one go shows its lines, one paid in part only its name.
    """
    rows = [row for item in items for row in _lines(item, intent.currency)]
    if len(rows) > MOST_ROWS:
        rows = [_whole(item, intent.currency) for item in items]
    beyond = Money(intent.amount - sum(item.amount for item in items), intent.currency)
    if not items:
        rows = [Row(intent.description or _("Payment"), beyond)]
    elif beyond:
        rows.append(Row(_("Paid in advance"), beyond))
    held = Money(intent.captured + intent.capturable, intent.currency)
    return [*rows, Row(_("Already paid"), -held)] if held else rows


def validity(until: datetime) -> str:
    """Say how long a link can be used, or until when."""
    left = until - timezone.now()
    if left < SOON:
        minutes = max(1, round(left.total_seconds() / 60))
        sentence = ngettext("valid for %(count)s min", "valid for %(count)s min", minutes)
        return sentence % {"count": minutes}
    is_today = timezone.localdate(until) == timezone.localdate()
    write = write_time if is_today else write_instant
    return _("valid until %(time)s") % {"time": write(until, reader_locale())}


def rest(until: datetime) -> str:
    """Say why nothing can be paid just now, until when, and what else can be done."""
    return _(
        "Too many payments were refused in a short time, so this link can be used again at"
        " %(time)s. Nothing was charged. Customer service can offer you another way to pay."
    ) % {"time": write_time(until, reader_locale())}


def _lines(item: IntentItem, currency: str) -> list[Row]:
    if item.amount != item.invoice.total:
        return [_whole(item, currency)]
    return [
        Row(write_sold(line.quantity, line.description), Money(line.gross, currency))
        for line in item.invoice.lines.all()
    ]


def _whole(item: IntentItem, currency: str) -> Row:
    text = _("Invoice %(number)s") % {"number": item.invoice.number}
    described = f"{text}, {item.invoice.description}" if item.invoice.description else text
    return Row(described, Money(item.amount, currency))


def _reason(intent: PaymentIntent, items: Sequence[IntentItem]) -> str:
    """Name what the payment is for: its invoices, its order, or nothing."""
    if items:
        numbers = [item.invoice.number for item in items]
        named = format_list(numbers, locale=reader_locale())
        sentence = ngettext("Invoice %(numbers)s", "Invoices %(numbers)s", len(numbers))
        return sentence % {"numbers": named}
    return _("Order %(number)s") % {"number": intent.order.number} if intent.order else ""
