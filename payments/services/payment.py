"""One payment under its lock: the intent with everything that hangs on it.

All writers of a payment take the intent's row lock first, so what is read here stays true
until the transaction ends. Facts are added, then `rejoin` derives every cached figure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import live, locks, rows
from orders.models import Invoice
from payments import lifecycle
from payments.models import (
    Cancellation,
    Capture,
    CheckoutSession,
    Dispute,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
    Refund,
)
from payments.services import joining
from payments.services.facts import MONEY_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import Model

    from payments.lifecycle import Standing

MOST_STARTS = 10

INVOICES = """
    ARRAY(
        SELECT invoice_id FROM payments_intentitem WHERE intent_id = intent.id
        UNION
        SELECT allocation.invoice_id
          FROM payments_paymentattempt attempt
          JOIN payments_capture capture ON capture.attempt_id = attempt.id
          JOIN orders_allocation allocation ON allocation.source_id = capture.public_id
         WHERE attempt.intent_id = intent.id)
"""
LOOK = f"""
    SELECT intent.id, intent.version, {INVOICES}
      FROM payments_paymentintent intent WHERE intent.id = %s
"""  # noqa: S608 - of our own parts
# Every whole table has few rows of one intent: its facts, tries and what they took.
OF_INTENT = "WHERE intent_id = %s ORDER BY id"
OF_ATTEMPTS = "WHERE attempt_id = ANY(%s) ORDER BY id"
OF_CAPTURES = "WHERE capture_id = ANY(%s) ORDER BY id"
OPEN_OF_INTENT = "WHERE intent_id = %s AND status = ANY(%s) ORDER BY id"
FACTS_OF_INTENT = "WHERE intent_id = %s AND subject_kind = ANY(%s) ORDER BY id"
ALLOCATED = """
    SELECT source_id, invoice_id, sum(amount)::bigint
      FROM orders_allocation WHERE source_id = ANY(%s) GROUP BY 1, 2
"""
TELLING_KINDS = [*MONEY_KINDS, "intent", "decline"]


class InvoicesChanged(Exception):
    """The invoices of an intent changed while its locks were awaited: start over."""


def in_one_transaction[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that locks payments in a transaction, again where InvoicesChanged."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(MOST_STARTS):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except InvoicesChanged:
                continue
        raise InvoicesChanged

    return run


def allocations_of(captures: Iterable[Capture]) -> dict[str, dict[int, int]]:
    """Return per capture's public id what of it pays which invoice (minor units)."""
    found: dict[str, dict[int, int]] = {}
    sources = [capture.public_id for capture in captures if capture.allocated]
    for source, invoice, amount in rows.select(ALLOCATED, [sources]) if sources else ():
        found.setdefault(source, {})[invoice] = amount
    return found


@dataclass(frozen=True, slots=True)
class FirstLook:
    """An intent as of one instant, without locks: its version, and the invoices it pays."""

    intent_id: int
    version: int
    invoices: list[int]


def lock_payment(intent_id: int, *, also: Sequence[int] = ()) -> Payment:
    """Lock a payment, as `lock_seen` does, and invoices beside its own (by pk).

    Raises PaymentIntent.DoesNotExist.
    """
    seen = _look(intent_id)
    if also:
        seen = replace(seen, invoices=sorted({*seen.invoices, *also}))
    return lock_seen(seen)


def lock_seen(seen: FirstLook) -> Payment:
    """Lock the invoices that an intent pays, then the intent, and return the whole.

    Raises InvoicesChanged where another transaction changed which invoices they are while
    the locks were awaited; `in_one_transaction` then starts over in the right order.
    """
    invoices = locks.by_pk(locks.Rank.INVOICE, Invoice, seen.invoices)
    (intent,) = locks.by_pk(locks.Rank.INTENT, PaymentIntent, [seen.intent_id])
    # Money is put on invoices, and taken off, only together with a fact, which is a version.
    if intent.version != seen.version and not set(invoice_ids(intent.pk)) <= set(seen.invoices):
        raise InvoicesChanged
    return Payment(intent, invoices)


def invoice_ids(intent_id: int) -> list[int]:
    """Return the invoices that an intent is meant to pay, or that its money pays."""
    return _look(intent_id).invoices


def _look(intent_id: int) -> FirstLook:
    found = rows.select(LOOK, [intent_id])
    if not found:
        raise PaymentIntent.DoesNotExist
    return FirstLook(*found[0])


class Payment:
    """The rows of one intent. Make it with `lock_payment`; it lives for one transaction."""

    def __init__(self, intent: PaymentIntent, invoices: list[Invoice]) -> None:
        self.intent = intent
        self.invoices = {invoice.pk: invoice for invoice in invoices}
        self.new_events: list[PaymentEvent] = []
        self.joined: dict[tuple[str, str], Standing] = {}
        self._new: list[Model] = []
        self._once: list[Model] = []
        self._changed: dict[Model, set[str]] = {}

    @cached_property
    def attempts(self) -> list[PaymentAttempt]:
        return rows.read(PaymentAttempt, OF_INTENT, [self.intent.pk])

    @cached_property
    def sessions(self) -> list[CheckoutSession]:
        return rows.read(CheckoutSession, OF_INTENT, [self.intent.pk])

    @cached_property
    def captures(self) -> list[Capture]:
        ids = [attempt.pk for attempt in self.attempts]
        return rows.read(Capture, OF_ATTEMPTS, [ids]) if ids else []

    @cached_property
    def cancellations(self) -> list[Cancellation]:
        ids = [attempt.pk for attempt in self.attempts]
        return rows.read(Cancellation, OF_ATTEMPTS, [ids]) if ids else []

    @cached_property
    def refunds(self) -> list[Refund]:
        ids = [capture.pk for capture in self.captures]
        return rows.read(Refund, OF_CAPTURES, [ids]) if ids else []

    @cached_property
    def disputes(self) -> list[Dispute]:
        ids = [capture.pk for capture in self.captures]
        return rows.read(Dispute, OF_CAPTURES, [ids]) if ids else []

    @cached_property
    def open_operations(self) -> list[ProviderOperation]:
        wanted = [self.intent.pk, [str(status) for status in ProviderOperation.OPEN]]
        return rows.read(ProviderOperation, OPEN_OF_INTENT, wanted)

    @cached_property
    def events(self) -> list[PaymentEvent]:
        """Every fact of the payment, its declines, and whether the intent was cancelled."""
        return rows.read(PaymentEvent, FACTS_OF_INTENT, [self.intent.pk, TELLING_KINDS])

    @cached_property
    def allocated(self) -> dict[str, dict[int, int]]:
        return allocations_of(self.captures)

    @cached_property
    def _known(self) -> set[tuple[int | None, str]]:
        return {(event.account_id, event.dedupe_key) for event in self.events}

    def session_of(self, attempt: PaymentAttempt) -> CheckoutSession | None:
        """Return the session that an attempt belongs to."""
        return next((one for one in self.sessions if one.pk == attempt.session_id), None)

    def attempt_by_id(self, pk: int) -> PaymentAttempt:
        return next(attempt for attempt in self.attempts if attempt.pk == pk)

    def capture_by_id(self, pk: int) -> Capture:
        return next(capture for capture in self.captures if capture.pk == pk)

    @property
    def joined_kinds(self) -> set[str]:
        """The kinds of subject that the facts speak of, once joined."""
        return {kind for kind, _ in self.joined}

    @property
    def is_canceled(self) -> bool:
        return any(e.subject_kind == "intent" and e.status == "canceled" for e in self.events)

    def add(self, events: Iterable[PaymentEvent]) -> list[PaymentEvent]:
        """Keep those events that were not known yet, and return them."""
        fresh: list[PaymentEvent] = []
        for event in events:
            key = (event.account_id, event.dedupe_key)
            if key not in self._known:
                self._known.add(key)
                fresh.append(event)
        rows.insert(*fresh)
        self.events.extend(fresh)
        self.new_events.extend(fresh)
        return fresh

    def change(self, row: Model, **values: Any) -> None:
        """Set those fields of a row that differ. One statement of `save` writes them all."""
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        if changed:
            for name in changed:
                setattr(row, name, values[name])
            self._changed.setdefault(row, set()).update(changed)

    def put(self, row: Model) -> None:
        """Insert a row by the statement of `save`. Nothing may need its key before."""
        self._new.append(row)

    def put_once(self, row: Model) -> None:
        """The same, unless there is one like it."""
        self._once.append(row)

    def add_step(self, event: PaymentEvent) -> bool:
        """Keep one step of the rail, unless it was told before. Returns whether it is new."""
        is_new = rows.insert_once(event)
        if is_new:
            self.new_events.append(event)
        return is_new

    def rejoin(self) -> None:
        """Derive the figures of every row from the facts. `save` then writes the intent."""
        joining.rejoin(self)
        if self.new_events:
            self.change(self.intent, version=self.intent.version + 1)

    def save(self) -> None:
        """Derive the status and write every row that changed; readers are told."""
        joining.conclude_intent(self)
        self.flush()
        live.publish_on_commit(f"intent:{self.intent.public_id}", self.intent.version)

    def flush(self) -> None:
        """Write what is new and what has changed, for statements that must find it written."""
        changes = [(row, sorted(names)) for row, names in self._changed.items()]
        rows.write(new=self._new, once=self._once, changes=changes)
        for written in (self._new, self._once, self._changed):
            written.clear()

    def left_to_charge(self) -> int:
        """What may still be asked of the customer (minor units): rule 3 of the design.

        Attempts in flight count unless their session is closing and their outcome known.
        """
        in_flight = sum(one.amount for one in self.attempts if self.is_in_flight(one))
        intent = self.intent
        return intent.amount - intent.captured - intent.capturable - in_flight

    def is_being_charged(self, attempt: PaymentAttempt) -> bool:
        """Whether the charge of what was keyed has been asked for, and is not known to be over."""
        confirm = ProviderOperation.Kind.CONFIRM
        return any(
            one.kind == confirm and one.attempt_id == attempt.pk for one in self.open_operations
        )

    def is_being_taken(self) -> bool:
        """Whether something that moves money was asked for and has no answer yet."""
        moves = ProviderOperation.MOVES_MONEY
        return any(operation.kind in moves for operation in self.open_operations)

    def is_in_flight(self, attempt: PaymentAttempt) -> bool:
        """Whether the money of an attempt may still come, and not from a page that closes."""
        if attempt.status == PaymentAttempt.Status.UNKNOWN or self.is_being_charged(attempt):
            return True
        if attempt.status != PaymentAttempt.Status.PENDING or attempt.superseded_at:
            return False
        session = self.session_of(attempt)
        return session is None or session.status == CheckoutSession.Status.OPEN

    def left_to_refund(self, capture: Capture) -> int:
        """What is left of a capture for a new refund (minor units).

        Disputed money, and refunds that are reserved, under way or done, are gone from it.
        """
        holding = sum(
            refund.amount
            for refund in self.refunds
            if refund.capture_id == capture.pk
            and refund.currency == capture.currency
            and refund.status not in Refund.RELEASED
        )
        return capture.captured - capture.disputed - holding

    def figures(self) -> lifecycle.IntentFigures:
        """Return what the intent's status is made of."""
        own = [a for a in self.attempts if a.currency == self.intent.currency]
        return lifecycle.IntentFigures(
            amount=self.intent.amount,
            captured=self.intent.captured,
            capturable=self.intent.capturable,
            is_canceled=self.is_canceled,
            attempts=tuple(
                lifecycle.AttemptFigures(
                    status=a.status if a.superseded_at is None else "canceled",
                    authorised=a.authorised,
                    captured=a.captured,
                    cancelled=a.cancelled,
                    waits_for_customer=a.session_id is not None,
                )
                for a in own
            ),
        )
