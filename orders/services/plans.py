"""Instalment plans: made, paid by whatever money comes, broken by a part that does not, withdrawn.

Whoever makes one locks its invoices, so that no two arrangements are made of the same;
whoever changes one locks the plan last, so that it ends once and each part is asked for once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit, locks, policy
from core.ids import make_public_id
from core.jobs import business_date
from core.locks import Rank
from core.money import Money
from crm.services import rows, timeline
from orders import errors, instalments
from orders.models import Instalment, InstalmentPlan, InvoiceHold
from orders.services.promises import call_of, lock_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models import ApiKey, User
    from crm.models import Customer
    from crm.services.actors import Actor

Status = InstalmentPlan.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is agreed: this much, of these invoices, in so many parts from that day on."""

    customer: Customer
    invoice_ids: Sequence[int]
    amount: Money
    parts: int
    first_on: dt.date
    rhythm: str = InstalmentPlan.Rhythm.MONTHLY


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the preview: how much is due on which day."""

    position: int
    money: Money
    due_on: dt.date


def latest_day() -> dt.date:
    """The last day on which a part may be due, by the policy of the house."""
    return business_date() + dt.timedelta(days=settings.INSTALMENT_LONGEST_DAYS)


def preview(amount: Money, *, parts: int, first_on: dt.date, rhythm: str) -> list[Part]:
    """Work out every part and its day, as a plan would have them. Nothing is written.

    Raises PartsUnusable, FirstDayUnusable and PlanTooLong.
    """
    most = settings.INSTALMENT_MOST_PARTS
    if not instalments.FEWEST_PARTS <= parts <= most or amount.minor < parts:
        raise errors.PartsUnusable(fewest=instalments.FEWEST_PARTS, most=most)
    if first_on < business_date():
        raise errors.FirstDayUnusable
    if first_on > latest_day():
        raise errors.PlanTooLong(days=settings.INSTALMENT_LONGEST_DAYS)
    days = instalments.days(first_on, parts, rhythm)
    if days[-1] > latest_day():
        raise errors.PlanTooLong(days=settings.INSTALMENT_LONGEST_DAYS)
    amounts = instalments.split(amount.minor, parts)
    return [
        Part(position, Money(each, amount.currency), day)
        for position, (each, day) in enumerate(zip(amounts, days, strict=True), start=1)
    ]


@transaction.atomic
def make_plan(
    planned: Planned,
    *,
    actor: User | ApiKey,
    way: str = InstalmentPlan.Way.LINK,
    public_id: str = "",
) -> InstalmentPlan:
    """Write a plan down with its parts; its invoices wait for it. Nobody is asked yet.

    Raises what `preview` raises, NothingToArrange, InvoiceNotTheirs, InvoiceSettled,
    InvoiceInOtherCurrency, AmountUnusable, MoreThanOpen, and AlreadyArranged where an invoice
    waits for another plan or a promise.
    """
    customer = rows.locked(planned.customer.pk)
    invoices = lock_open(customer, planned.invoice_ids, planned.amount)
    parts = preview(
        planned.amount, parts=planned.parts, first_on=planned.first_on, rhythm=planned.rhythm
    )
    plan = InstalmentPlan.objects.create(
        public_id=public_id or make_public_id("plan"),
        customer=customer,
        amount=planned.amount.minor,
        currency=planned.amount.currency,
        rhythm=planned.rhythm,
        way=way,
        made_by=policy.person_of(actor),
        call=call_of(actor),
    )
    Instalment.objects.bulk_create(
        Instalment(plan=plan, position=part.position, amount=part.money.minor, due_on=part.due_on)
        for part in parts
    )
    InvoiceHold.objects.bulk_create(
        InvoiceHold(
            invoice=invoice,
            kind=InvoiceHold.Kind.PLAN,
            plan=plan,
            allocated_before=invoice.allocated,
        )
        for invoice in invoices
    )
    note(plan, "plan.made", actor)
    return plan


@transaction.atomic
def withdraw_plan(*, plan: InstalmentPlan, actor: User | ApiKey) -> InstalmentPlan:
    """Take a plan back: no further part is asked for. Safe to repeat.

    What was asked for already can still be paid. Raises PlanEnded where it was completed or
    broken meanwhile.
    """
    plan = locks.one(Rank.PROMISE, InstalmentPlan.objects.filter(pk=plan.pk))
    if plan.status == Status.WITHDRAWN:
        return plan
    if plan.status != Status.ACTIVE:
        raise errors.PlanEnded
    end([plan], Status.WITHDRAWN)
    note(plan, "plan.withdrawn", actor)
    return plan


def mark_asked(part: Instalment) -> None:
    """Write down that a part is asked for now. Call it last: it takes the plan's lock.

    Raises PlanEnded where the plan ended, or somebody else asked, since it was looked at.
    """
    plan = locks.one(Rank.PROMISE, InstalmentPlan.objects.filter(pk=part.plan_id))
    to_ask = Instalment.objects.to_come().filter(pk=part.pk, asked_at=None)
    if plan.status != Status.ACTIVE or not to_ask.update(asked_at=timezone.now()):
        raise errors.PlanEnded


def end(plans: Sequence[InstalmentPlan], status: Status) -> None:
    """Let plans that are locked end; their invoices wait no longer."""
    now = timezone.now()
    ids = [plan.pk for plan in plans]
    InstalmentPlan.objects.filter(pk__in=ids).update(**{f"{status}_at": now})
    InvoiceHold.objects.in_force().filter(plan__in=ids).update(released_at=now)
    for plan in plans:
        setattr(plan, f"{status}_at", now)


def told(plan: InstalmentPlan) -> Mapping[str, object]:
    """What stands on record of a plan."""
    return {"amount": plan.amount, "currency": plan.currency}


def note(plan: InstalmentPlan, kind: str, actor: Actor) -> None:
    """Write what happened where auditors and agents look for it."""
    audit.record(actor, kind, plan, after=told(plan))
    timeline.write(plan.customer_id, kind, actor=actor, object_id=plan.public_id, data=told(plan))
