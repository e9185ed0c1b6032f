"""What the agent's panels read: few statements, the same number for one payment as for many."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, JSONObject, Least
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.money import Money
from crm.models import OutgoingMessage
from orders.models import Instalment, Invoice, InvoiceHold, StockHold
from payments import error_codes
from payments.masking import masked
from payments.models import (
    Capture,
    CheckoutSession,
    IntentItem,
    PaymentEvent,
    PaymentIntent,
    PaymentMethod,
    ProviderOperation,
    Refund,
)
from payments.rail import Figures, Link, Meaning, Said

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ITEMS = 100
MOST_EVENTS = 300
NEWEST_LOOKED_AT = 20
MOST_FOLLOWED = 4
FOLLOWED_FOR = dt.timedelta(hours=1)
LOOKED_BACK = dt.timedelta(days=30)


def open_items(customer_id: int) -> list[Invoice]:
    """What the customer owes, oldest due first.

    `is_waiting` where a payment of it is under way, `waiting_kind` in which way,
    `promised_on` where a promise is open, `instalment_on` the next day of a plan.
    """
    links = CheckoutSession.objects.filter(
        intent=OuterRef("intent"), status__in=CheckoutSession.PAYABLE
    )
    asked = IntentItem.objects.filter(invoice=OuterRef("pk")).filter(
        Q(intent__status__in=PaymentIntent.IN_MOTION)
        | Q(intent__status__in=PaymentIntent.WAITING) & Q(Exists(links))
    )
    # EXISTS would let the planner read every payment that waits, of all customers, at once.
    is_waiting = Coalesce(Subquery(asked.annotate(yes=Value(True)).values("yes")[:1]), False)
    kind = asked.annotate(kind=Subquery(links.order_by("-pk").values("kind")[:1]))
    held = InvoiceHold.objects.in_force().filter(invoice=OuterRef("pk")).exclude(kind="dispute")
    parts = Instalment.objects.to_come().filter(plan=OuterRef("plan")).order_by("position")
    planned = held.annotate(due_on=Subquery(parts.values("due_on")[:1]))
    items = Invoice.objects.open_items(customer_id).annotate(
        is_waiting=is_waiting,
        waiting_kind=Subquery(kind.values("kind")[:1]),
        promised_on=Subquery(held.values("promise__due_on")[:1]),
        instalment_on=Subquery(planned.values("due_on")[:1]),
    )
    return list(items[:MOST_ITEMS])


def saved_methods(customer_id: int) -> list[PaymentMethod]:
    """The customer's saved ways to pay, the newest first."""
    rows = PaymentMethod.objects.filter(customer=customer_id, removed_at=None)
    return list(rows.select_related("account").order_by("-pk")[:3])


def followed(customer_id: int) -> list[PaymentIntent]:
    """Payments that the rail tells: those that wait, and those of the last hour, newest first.

    Only the newest of a customer are looked at, so that a thousand old payments cost nothing.
    """
    now = timezone.now()
    newest = PaymentIntent.objects.filter(
        customer=customer_id, created_at__gte=now - LOOKED_BACK
    ).order_by("-created_at")
    lately = PaymentEvent.objects.filter(intent=OuterRef("pk"), created_at__gte=now - FOLLOWED_FOR)
    is_followed = (
        Q(status__in=PaymentIntent.WAITING)
        | Q(created_at__gte=now - FOLLOWED_FOR)
        | Q(Exists(lately))
    )
    rows = PaymentIntent.objects.filter(pk__in=newest.values("pk")[:NEWEST_LOOKED_AT])
    found = _with_figures(rows.filter(is_followed)).annotate(
        customer_version=Subquery(PaymentIntent.objects.filter(customer=customer_id).live_version())
    )
    return list(found.order_by("-created_at", "-pk")[:MOST_FOLLOWED])


def with_figures(public_id: str) -> PaymentIntent | None:
    """One payment with what the rail needs of it, in one statement."""
    rows = PaymentIntent.objects.filter(public_id=public_id).select_related("customer", "agent")
    return _with_figures(rows).first()


def _with_figures(rows: QuerySet[PaymentIntent]) -> QuerySet[PaymentIntent]:
    """Add the newest link, the silent operation, what can be refunded, the receipt, the stock."""
    links = CheckoutSession.objects.filter(intent=OuterRef("pk")).order_by("-pk")
    silent = ProviderOperation.objects.filter(
        intent=OuterRef("pk"),
        status=ProviderOperation.Status.UNKNOWN,
        kind__in=ProviderOperation.MOVES_MONEY,
    ).exclude(resolve_at=None)
    captures = Capture.objects.filter(attempt__intent=OuterRef("pk"))
    receipts = OutgoingMessage.objects.filter(
        kind="receipt",
        cause__in=Capture.objects.filter(attempt__intent=OuterRef(OuterRef("pk"))).values(
            "public_id"
        ),
    ).order_by("-pk")
    return rows.annotate(
        link=Subquery(
            links.values(
                json=JSONObject(
                    status="status",
                    channel="channel",
                    destination="destination",
                    expires_at="expires_at",
                    kind="kind",
                )
            )[:1]
        ),
        resolve_at=Subquery(silent.order_by("resolve_at").values("resolve_at")[:1]),
        silent_kind=Subquery(silent.order_by("resolve_at").values("kind")[:1]),
        refund_asked=Coalesce(Subquery(_refunds_of(Refund.Status.REQUESTED)), 0),
        refund_waiting=Coalesce(Subquery(_refunds_of(Refund.Status.AWAITING_APPROVAL)), 0),
        last_refund=Subquery(_last_refund()),
        is_refundable=Exists(captures.annotate(left=_left()).filter(left__gt=0)),
        receipt=ArraySubquery(receipts.values_list("status")[:1]),
        receipt_channel=ArraySubquery(receipts.values_list("channel")[:1]),
        stock_held_until=_stock_held_until(),
    )


def _stock_held_until() -> Least:
    """Until when its orders keep all their goods: the payment's own, or those of its invoices."""
    held = StockHold.objects.filter(status=StockHold.Status.HELD).order_by("held_until")
    own = held.filter(order=OuterRef("order"))
    invoiced = held.filter(order__invoices__intent_items__intent=OuterRef("pk"))
    return Least(*(Subquery(rows.values("held_until")[:1]) for rows in (own, invoiced)))


def _last_refund() -> QuerySet[Refund, Any]:
    """The newest refund of one payment: whether it waits, for whom, and why it was refused."""
    rows = Refund.objects.filter(capture__attempt__intent=OuterRef("pk")).order_by("-pk")
    shown = JSONObject(
        public_id="public_id", status="status", asked_by="requested_by_id", refusal="refusal"
    )
    return rows.values_list(shown)[:1]


def _refunds_of(status: Refund.Status) -> QuerySet[Refund, Any]:
    """What was asked to be refunded and has not been sent yet, of one payment."""
    asked = Refund.objects.filter(
        capture__attempt__intent=OuterRef("pk"),
        currency=OuterRef("currency"),
        status=status,
    ).order_by()
    sums = asked.values("currency").annotate(asked=Sum("amount"))
    return sums.values("asked")


def events_of(intent: PaymentIntent) -> list[PaymentEvent]:
    """Everything that was said about a payment, in the order of time."""
    rows = PaymentEvent.objects.filter(intent=intent).select_related("account", "actor")
    return list(rows.order_by("pk")[:MOST_EVENTS])


def said(events: Sequence[PaymentEvent]) -> list[Said]:
    """The events as the rail reads them."""
    return [
        Said(
            kind=event.subject_kind,
            subject=event.subject_id,
            status=event.status,
            at=event.created_at,
            money=Money(event.amount, event.currency) if event.currency else None,
            code=event.code,
            detail=event.detail,
            actor=str(event.actor or ""),
        )
        for event in events
    ]


def figures_of(intent: Any, events: Sequence[PaymentEvent]) -> Figures:
    """The figures of a payment that was read with `followed` or `with_figures`."""
    return Figures(
        amount=intent.money,
        status=intent.status,
        captured=Money(intent.captured, intent.currency),
        surplus=Money(intent.surplus, intent.currency),
        link=_link(intent.link),
        is_blocked=intent.blocked_by_unknown,
        resolve_at=intent.resolve_at,
        is_refund_silent=intent.silent_kind == ProviderOperation.Kind.REFUND,
        review_reasons=tuple(intent.review_reasons),
        is_refundable=intent.is_refundable,
        refund_asked=Money(int(intent.refund_asked), intent.currency),
        refund_waiting=Money(int(intent.refund_waiting), intent.currency),
        refusal=(intent.last_refund or {}).get("refusal", ""),
        receipt=(intent.receipt or [""])[0],
        receipt_channel=(intent.receipt_channel or [""])[0],
        meaning=_meaning(intent, events),
    )


def _link(link: dict[str, str] | None) -> Link | None:
    """The newest link as it is now: past its time it is over, whatever its row still says."""
    if link is None:
        return None
    expires_at = parse_datetime(link["expires_at"])
    is_over = expires_at is not None and expires_at <= timezone.now()
    status = "expired" if is_over and link["status"] in CheckoutSession.PAYABLE else link["status"]
    works = status == "open" and link["kind"] == CheckoutSession.Kind.LINK
    place = masked(link["channel"], link["destination"])
    return Link(status, link["channel"], place, expires_at if works else None)


def _meaning(intent: PaymentIntent, events: Sequence[PaymentEvent]) -> Meaning | None:
    """What the latest refusal means, where nothing came after it that matters more."""
    is_refusal = [e for e in events if e.subject_kind == "decline" or e.status == "declined"]
    if not is_refusal or intent.status == PaymentIntent.Status.SUCCEEDED:
        return None
    latest = is_refusal[-1]
    kind = latest.account.kind if latest.account else ""
    found = error_codes.meaning_of(kind, latest.code)
    return Meaning(
        found.agent_sentence,
        found.customer_sentence,
        found.may_repeat,
        found.offers_other_method,
    )


@dataclass(frozen=True, slots=True)
class Refundable:
    """A capture, and what is left of it to refund: nothing, perhaps."""

    capture: Capture
    left: Money


def refundable(intent: PaymentIntent) -> list[Refundable]:
    """The captures of a payment, the one with most left to refund first.

    What is reserved, under way, done or disputed is gone from it. For showing; the service
    decides under the lock.
    """
    rows = Capture.objects.filter(attempt__intent=intent, captured__gt=0)
    found: list[Any] = list(
        rows.select_related("attempt").annotate(left=_left()).order_by("-left", "pk")
    )
    return [Refundable(row, Money(max(0, int(row.left)), row.currency)) for row in found]


def _left() -> CombinedExpression:
    """What is left of a capture, disputes and refunds on their way taken off."""
    holding = (
        Refund.objects.holding_money()
        .filter(capture=OuterRef("pk"), currency=OuterRef("currency"))
        .order_by()
        .values("capture")
        .annotate(sum=Sum("amount"))
    )
    given_back = Coalesce(Subquery(holding.values("sum")), 0)
    return F("captured") - F("disputed") - given_back


def links_waiting(limit: int, *, is_practice: bool = False) -> list[PaymentIntent]:
    """Payments whose customer has a link that still works, the newest first."""
    links = CheckoutSession.objects.filter(
        intent=OuterRef("pk"), status__in=CheckoutSession.PAYABLE, expires_at__gt=timezone.now()
    ).exclude(kind=CheckoutSession.Kind.BANK)
    rows = PaymentIntent.objects.filter(
        Exists(links), created_at__gte=timezone.now() - LOOKED_BACK
    ).unsettled()
    rows = rows.filter(customer__is_practice=is_practice)
    return list(rows.select_related("customer").order_by("-pk")[:limit])


def needing_review(limit: int, *, is_practice: bool = False) -> list[PaymentIntent]:
    """Payments that a person should look at, the newest first."""
    rows = PaymentIntent.objects.filter(
        needs_review=True, customer__is_practice=is_practice
    ).select_related("customer")
    return list(rows.order_by("-created_at")[:limit])
