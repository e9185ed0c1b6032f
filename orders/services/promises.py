"""Promises to pay: made, kept by the money that comes, broken by their day, withdrawn.

Whoever makes one locks its invoices, so two agents cannot promise the same; whoever ends one
locks the promise, so it ends once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from core import audit, locks, policy
from core.ids import make_public_id
from core.jobs import business_date
from core.locks import Rank
from core.models import User
from core.money import Money
from crm.models import Task
from crm.services import calls, messages, rows, tasks, timeline
from orders import errors
from orders.models import Invoice, InvoiceHold, PromiseToPay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import ApiKey
    from crm.models import Call, Customer
    from crm.services.actors import Actor

BATCH = 500
JOB = "break_promises"
Status = PromiseToPay.Status


@dataclass(frozen=True, slots=True)
class Promised:
    """What a customer says: this much, of these invoices, by that day."""

    customer: Customer
    invoice_ids: Sequence[int]
    amount: Money
    due_on: dt.date


def latest_day() -> dt.date:
    """The last day that may be promised, by the policy of the house."""
    return business_date() + dt.timedelta(days=settings.PROMISE_LONGEST_DAYS)


def usual_day() -> dt.date:
    """The day that is offered before anybody chooses one."""
    usual = business_date() + dt.timedelta(days=settings.PROMISE_USUAL_DAYS)
    return min(usual, latest_day())


@transaction.atomic
def make_promise(promised: Promised, *, actor: User | ApiKey, public_id: str = "") -> PromiseToPay:
    """Write a promise down; its invoices wait for it. No money moves, nothing is sent.

    Raises NothingToArrange, InvoiceNotTheirs, InvoiceSettled, InvoiceInOtherCurrency,
    AmountUnusable, MoreThanOpen, PromiseDayUnusable, and AlreadyArranged where an invoice
    waits for another promise.
    """
    customer = rows.locked(promised.customer.pk)
    invoices = lock_open(customer, promised.invoice_ids, promised.amount)
    _refuse_day(promised.due_on)
    promise = PromiseToPay.objects.create(
        public_id=public_id or make_public_id("ptp"),
        customer=customer,
        amount=promised.amount.minor,
        currency=promised.amount.currency,
        due_on=promised.due_on,
        made_by=policy.person_of(actor),
        call=call_of(actor),
    )
    InvoiceHold.objects.bulk_create(
        InvoiceHold(
            invoice=invoice,
            kind=InvoiceHold.Kind.PROMISE,
            promise=promise,
            allocated_before=invoice.allocated,
        )
        for invoice in invoices
    )
    _note(promise, "promise.made", actor)
    return promise


def call_of(actor: User | ApiKey) -> Call | None:
    """The call that a person is on; its page is told. A program is on none."""
    call = calls.current_call(actor) if isinstance(actor, User) else None
    if call is not None:
        calls.tell_of(call)
    return call


@transaction.atomic
def withdraw_promise(*, promise: PromiseToPay, actor: User | ApiKey) -> PromiseToPay:
    """Take a promise back; its invoices are reminded of again. Safe to repeat.

    Raises PromiseEnded where it was kept or broken meanwhile.
    """
    promise = locks.one(Rank.PROMISE, PromiseToPay.objects.filter(pk=promise.pk))
    if promise.status == Status.WITHDRAWN:
        return promise
    if promise.status != Status.OPEN:
        raise errors.PromiseEnded
    _end([promise], Status.WITHDRAWN)
    _note(promise, "promise.withdrawn", actor)
    return promise


def money_came(invoice_ids: Sequence[int]) -> None:
    """End the promises that money has now reached. Call it with the invoices locked.

    What is paid is read after the lock of the promise: two payments of two of its invoices
    wait for each other here, and the second one sees both.
    """
    found = PromiseToPay.objects.holding(list(invoice_ids))
    for promise in locks.rows(Rank.PROMISE, found):
        if is_reached(promise):
            _end([promise], Status.KEPT)
            _note(promise, "promise.kept", "payments")


def is_reached(promise: PromiseToPay) -> bool:
    """Whether enough came since it was made, or nothing is left to pay on its invoices."""
    sums = InvoiceHold.objects.filter(promise=promise).aggregate(
        paid=Sum(F("invoice__allocated") - F("allocated_before")),
        left=Sum("invoice__open_amount"),
    )
    return bool(sums["paid"] >= promise.amount or not sums["left"])


def break_overdue(today: dt.date) -> int:
    """End the promises whose day has gone by, and say how many were broken. Safe to repeat.

    One on whose invoices nothing is left to pay, because they were credited, counts as kept.
    """
    broken, found = 0, 1
    while found:
        found, these = _break_some(today)
        broken += these
    return broken


@transaction.atomic
def _break_some(today: dt.date) -> tuple[int, int]:
    overdue = PromiseToPay.objects.open().filter(due_on__lt=today)
    oldest = overdue.order_by("due_on", "pk").values("pk")[:BATCH]
    found = locks.rows(Rank.PROMISE, overdue.filter(pk__in=oldest))
    locked = PromiseToPay.objects.filter(pk__in=[one.pk for one in found])
    owing = set(locked.owing().values_list("pk", flat=True))
    late = [one for one in found if one.pk in owing]
    settled = [one for one in found if one.pk not in owing]
    tasks.make_tasks(
        Task.Kind.PROMISE_BROKEN,
        due_at=timezone.now(),
        of=[(promise.customer_id, promise.public_id) for promise in late],
    )
    for ended, status in ((late, Status.BROKEN), (settled, Status.KEPT)):
        _end(ended, status)
        _note_all(ended, f"promise.{status}")
    return len(found), len(late)


def lock_open(customer: Customer, invoice_ids: Sequence[int], amount: Money) -> list[Invoice]:
    """Lock the invoices that an arrangement is about, and refuse what it cannot be about."""
    found = locks.rows(Rank.INVOICE, Invoice.objects.filter(pk__in=invoice_ids))
    if not found:
        raise errors.NothingToArrange
    for invoice in found:
        if invoice.customer_id != customer.pk:
            raise errors.InvoiceNotTheirs(number=invoice.number)
        if invoice.open_amount <= 0:
            raise errors.InvoiceSettled(number=invoice.number)
        if invoice.currency != amount.currency:
            raise errors.InvoiceInOtherCurrency(number=invoice.number, currency=invoice.currency)
    _refuse_amount(found, amount)
    held = InvoiceHold.objects.in_force().filter(invoice__in=found).exclude(kind="dispute")
    if (hold := held.select_related("invoice").first()) is not None:
        raise errors.AlreadyArranged(number=hold.invoice.number)
    return sorted(found, key=lambda invoice: (invoice.due_on, invoice.pk))


def _refuse_amount(invoices: Sequence[Invoice], amount: Money) -> None:
    if amount.minor <= 0:
        raise errors.AmountUnusable(currency=amount.currency)
    left = Money(sum(invoice.open_amount for invoice in invoices), amount.currency)
    if amount > left:
        raise errors.MoreThanOpen(left=left)


def _refuse_day(due_on: dt.date) -> None:
    if not business_date() <= due_on <= latest_day():
        raise errors.PromiseDayUnusable(days=settings.PROMISE_LONGEST_DAYS)


def _end(promises: Sequence[PromiseToPay], status: Status) -> None:
    """Let promises that are locked end; their invoices wait no longer."""
    now = timezone.now()
    ids = [promise.pk for promise in promises]
    PromiseToPay.objects.filter(pk__in=ids).update(**{f"{status}_at": now})
    InvoiceHold.objects.in_force().filter(promise__in=ids).update(released_at=now)
    for promise in promises:
        setattr(promise, f"{status}_at", now)


def _told(promise: PromiseToPay) -> dict[str, object]:
    return {
        "amount": promise.amount,
        "currency": promise.currency,
        "day": promise.due_on.isoformat(),
    }


def _note(promise: PromiseToPay, kind: str, actor: Actor) -> None:
    """Write what happened where auditors and agents look for it."""
    audit.record(actor, kind, promise, after=_told(promise))
    timeline.write(
        promise.customer_id,
        kind,
        actor=actor,
        object_id=promise.public_id,
        data=_told(promise),
    )


def _note_all(promises: Sequence[PromiseToPay], kind: str) -> None:
    """The same of many at once, by the job."""
    audit.record_all(JOB, kind, [(promise, _told(promise)) for promise in promises])
    timeline.write_all(
        timeline.entry_of(
            promise.customer_id, kind, object_id=promise.public_id, data=_told(promise)
        )
        for promise in promises
    )


def confirm(promise: PromiseToPay, *, channel: str, destination: str, language: str) -> None:
    """Ask for the message that confirms a promise. Asking twice sends one."""
    messages.queue(
        cause=promise.public_id,
        kind="promise",
        channel=channel,
        destination=destination,
        customer_id=promise.customer_id,
        language=language,
        data={"promise": promise.public_id},
    )
