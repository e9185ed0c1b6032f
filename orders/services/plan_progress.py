"""How far instalment plans are: what came pays the parts in order; what does not come is missed.

Only what is allocated to the plan's invoices since it was made counts, wherever it came from.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from core import audit, locks
from core.locks import Rank
from crm.models import Task
from crm.services import tasks, timeline
from orders import instalments
from orders.models import Instalment, InstalmentPlan, Invoice, InvoiceHold
from orders.services.plans import Status, end, note, told

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH = 200
JOB = "miss_instalments"


@dataclass(frozen=True, slots=True)
class Progress:
    """What came for a plan since it was made, and what is still open (minor units)."""

    paid: int
    left: int
    parts: tuple[Instalment, ...]

    @property
    def covered(self) -> tuple[Instalment, ...]:
        """The parts that are paid: all of them where nothing is left to pay."""
        amounts = [part.amount for part in self.parts]
        return self.parts[: instalments.covered(amounts, self.paid) if self.left else None]


def progress_of(plans: Sequence[InstalmentPlan]) -> dict[int, Progress]:
    """Read how far plans are, by their keys. Two statements."""
    ids = [plan.pk for plan in plans]
    parts: defaultdict[int, list[Instalment]] = defaultdict(list)
    for part in Instalment.objects.filter(plan__in=ids).order_by("plan", "position"):
        parts[part.plan_id].append(part)
    sums = InvoiceHold.objects.filter(plan__in=ids).order_by().values_list("plan")
    found = sums.annotate(
        paid=Sum(F("invoice__allocated") - F("allocated_before")), left=Sum("invoice__open_amount")
    )
    return {pk: Progress(int(paid), int(left), tuple(parts[pk])) for pk, paid, left in found}


def money_came(invoice_ids: Sequence[int]) -> None:
    """Tick off the parts that money has now reached. Call it with the invoices locked.

    What came is read after the lock of the plan: two payments of two of its invoices wait for
    each other here, and the second one sees both.
    """
    found = InstalmentPlan.objects.holding(list(invoice_ids))
    plans = locks.rows(Rank.PROMISE, found)
    reached = progress_of(plans) if plans else {}
    for plan in plans:
        if tick_off(reached[plan.pk]):
            end([plan], Status.COMPLETED)
            note(plan, "plan.completed", "payments")


def tick_off(progress: Progress) -> bool:
    """Write down which parts are paid by now, and say whether all are."""
    fresh = [part.pk for part in progress.covered if part.paid_at is None]
    Instalment.objects.to_come().filter(pk__in=fresh).update(paid_at=timezone.now())
    return len(progress.covered) == len(progress.parts)


def miss_overdue(today: dt.date) -> int:
    """Break the plans of which a part did not come in time, and say how many. Safe to repeat.

    One on whose invoices nothing is left to pay, because they were credited, is completed.
    """
    broken, found = 0, 1
    while found:
        found, these = _miss_some(today - dt.timedelta(days=settings.INSTALMENT_GRACE_DAYS))
        broken += these
    return broken


@transaction.atomic
def _miss_some(since: dt.date) -> tuple[int, int]:
    late = InstalmentPlan.objects.late(since)
    oldest = late.order_by("pk").values("pk")[:BATCH]
    plans = locks.rows(Rank.PROMISE, late.filter(pk__in=oldest))
    reached = progress_of(plans)
    settled = [plan for plan in plans if tick_off(reached[plan.pk])]
    end(settled, Status.COMPLETED)
    _note_all(settled, "plan.completed")
    missed = Instalment.objects.to_come().filter(plan__in=plans, due_on__lt=since)
    missed_of = set(missed.values_list("plan", flat=True))
    missed.update(missed_at=timezone.now())
    broken = [plan for plan in plans if plan.pk in missed_of]
    tasks.make_tasks(
        Task.Kind.PLAN_BROKEN,
        due_at=timezone.now(),
        of=[(plan.customer_id, plan.public_id) for plan in broken],
    )
    end(broken, Status.BROKEN)
    _note_all(broken, "plan.broken")
    return len(plans), len(broken)


def _note_all(plans: Sequence[InstalmentPlan], kind: str) -> None:
    audit.record_all(JOB, kind, [(plan, told(plan)) for plan in plans])
    timeline.write_all(
        timeline.entry_of(plan.customer_id, kind, object_id=plan.public_id, data=told(plan))
        for plan in plans
    )


def lock_invoices_of(plan: InstalmentPlan) -> list[InvoiceHold]:
    """Lock the invoices of a plan, and give them with its holds, in the order of their pay."""
    ids = InvoiceHold.objects.filter(plan=plan).values("invoice")
    locked = {one.pk: one for one in locks.rows(Rank.INVOICE, Invoice.objects.filter(pk__in=ids))}
    holds = list(InvoiceHold.objects.filter(plan=plan))
    for hold in holds:
        hold.invoice = locked[hold.invoice_id]
    return sorted(holds, key=lambda hold: (hold.invoice.due_on, hold.invoice_id))


def wanted_for(part: Instalment, holds: Sequence[InvoiceHold]) -> dict[int, int]:
    """How much of each invoice (pk, minor units) a part still asks for: nothing, perhaps.

    The holds are those of its plan, with their invoices locked, in order. Never more than is
    open, and of what is open what other parts do not ask for.
    """
    amounts = list(part.plan.instalments.order_by("position").values_list("amount", flat=True))
    paid = sum(hold.invoice.allocated - hold.allocated_before for hold in holds)
    start, until = instalments.missing(amounts, part.position, paid)
    left = sum(hold.invoice.open_amount for hold in holds)
    spans = [
        (
            hold.invoice.open_amount + hold.invoice.allocated - hold.allocated_before,
            hold.invoice.open_amount,
        )
        for hold in holds
    ]
    found = instalments.shares((start, min(until, start + left)), spans)
    return {hold.invoice_id: share for hold, share in zip(holds, found, strict=True) if share > 0}
