"""The rows behind the figures that are counted in the database: one queryset a figure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.jobs import business_date
from orders.models import Invoice
from payments.models import CheckoutSession, PaymentAttempt
from reporting.days import bounds_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

Status = PaymentAttempt.Status
LATELY = dt.timedelta(hours=1)


class Outcome(TextChoices):
    """How an attempt ended, or that it has not."""

    AUTHORISED = "authorised", _("authorised")
    DECLINED = "declined", _("declined")
    GIVEN_UP = "given_up", _("given up")
    UNDER_WAY = "under_way", _("under way")


STATUSES: dict[str, tuple[str, ...]] = {
    Outcome.AUTHORISED: (Status.AUTHORISED,),
    Outcome.DECLINED: (Status.DECLINED,),
    Outcome.GIVEN_UP: (Status.EXPIRED, Status.CANCELED, Status.NOT_EXECUTED),
    Outcome.UNDER_WAY: (Status.PENDING, Status.UNKNOWN),
}


class Age(TextChoices):
    """How long something has been overdue, in days."""

    NOT_DUE = "not_due", _("not due yet")
    FORTNIGHT = "1-14", _("1–14 days late")
    MONTH = "15-30", _("15–30 days late")
    LONGER = "31", _("31 days late or more")


OVERDUE = "overdue"
"""Every age but the first."""


def due_within(age: str, today: dt.date) -> Q:
    """Return the condition on `due_on`; what is due today is not late. Empty means any age."""
    days = {14: today - dt.timedelta(days=14), 30: today - dt.timedelta(days=30)}
    return {
        "": Q(),
        OVERDUE: Q(due_on__lt=today),
        Age.NOT_DUE: Q(due_on__gte=today),
        Age.FORTNIGHT: Q(due_on__lt=today, due_on__gte=days[14]),
        Age.MONTH: Q(due_on__lt=days[14], due_on__gte=days[30]),
        Age.LONGER: Q(due_on__lt=days[30]),
    }[age]


def in_statuses(statuses: Iterable[str]) -> Q:
    """Return the condition on the status of an attempt."""
    return Q(status__in=list(statuses))


def real_attempts() -> QuerySet[PaymentAttempt]:
    """Attempts that nobody made up for practice."""
    return PaymentAttempt.objects.filter(account__is_practice=False)


def attempts_begun(day: dt.date) -> QuerySet[PaymentAttempt]:
    """Attempts that were begun on a day."""
    bounds = bounds_of(day)
    return real_attempts().filter(created_at__gte=bounds.start, created_at__lt=bounds.end)


def owed(age: str = "", currency: str = "") -> QuerySet[Invoice]:
    """Invoices of which something is owed now, narrowed to an age and a currency."""
    rows = Invoice.objects.open().filter(
        due_within(age, business_date()), customer__is_practice=False
    )
    return rows.filter(currency=currency) if currency else rows


def attempts_lately() -> QuerySet[PaymentAttempt]:
    """Attempts that were begun within the last hour."""
    return real_attempts().filter(created_at__gte=timezone.now() - LATELY)


def links_waiting(currency: str = "", *, only_opened: bool = False) -> QuerySet[CheckoutSession]:
    """Pay links that can be paid now."""
    rows = CheckoutSession.objects.payable(CheckoutSession.Kind.LINK).filter(
        intent__customer__is_practice=False
    )
    if only_opened:
        rows = rows.filter(opened_at__isnull=False)
    return rows.filter(intent__currency=currency) if currency else rows
