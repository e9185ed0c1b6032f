"""The rows behind the figures of the moment: one queryset a figure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.jobs import business_date
from crm.models import Call, OutgoingMessage
from crm.services.calls import LASTS_FOR, RINGS_FOR
from orders.models import Instalment, PromiseToPay
from payments.models import (
    OutcomeDecision,
    PaymentIntent,
    ProviderOperation,
    Refund,
    SurplusMove,
    WebhookEvent,
)
from reporting.days import bounds_of
from reporting.rows import LATELY

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Calls(TextChoices):
    """Calls that are counted together. The first two are calls of now, the others of today."""

    RINGING = "ringing", _("ringing now")
    ON_LINE = "on_line", _("on the line now")
    ANSWERED = "answered", _("answered today")
    MISSED = "missed", _("missed today")


class Deliveries(StrEnum):
    """What providers delivered and nobody has worked off yet: by us, or by a person."""

    WAITING = "waiting"
    PARKED = "parked"


class Undelivered(TextChoices):
    """Messages that the customer does not have, or perhaps does not have."""

    FAILED = "failed", _("not delivered")
    UNKNOWN = "unknown", _("unknown whether it was sent")


class Promises(TextChoices):
    """Promises to pay that somebody should follow today."""

    DUE = "due", _("due today")
    BROKEN = "broken", _("broken today")


class Instalments(TextChoices):
    """Parts of instalment plans that somebody should follow today."""

    DUE = "instalments_due", _("due today")
    MISSED = "instalments_missed", pgettext_lazy("instalments", "missed today")


def calls(which: str) -> QuerySet[Call]:
    """Calls of one kind. One whose end was never told is no present call for ever."""
    now = timezone.now()
    status = Call.Status
    return {
        Calls.RINGING: _real_calls().filter(status=status.RINGING, created_at__gt=now - RINGS_FOR),
        Calls.ON_LINE: _real_calls().filter(
            status__in=[status.ANSWERED, status.HELD], created_at__gt=now - LASTS_FOR
        ),
        Calls.ANSWERED: _calls_of_today().filter(answered_at__isnull=False),
        Calls.MISSED: _calls_of_today().filter(status=status.ENDED, answered_at=None),
    }[Calls(which)]


def calls_of_people() -> QuerySet[Call]:
    """Of everybody at work the call they are on, else the one that rings, else their last one.

    At work is who has a call, or had one that began within the last hour.
    """
    now = timezone.now()
    is_present = Q(status__in=Call.LIVE, created_at__gt=now - LASTS_FOR) & ~Q(
        status=Call.Status.RINGING, created_at__lte=now - RINGS_FOR
    )
    is_over = ~Q(status__in=Call.LIVE) & Q(created_at__gt=now - LATELY)
    return _real_calls().filter(is_present | is_over, agent__isnull=False)


def unanswered() -> QuerySet[ProviderOperation]:
    """Requests to providers of which nobody knows what became of them."""
    return ProviderOperation.objects.filter(
        status=ProviderOperation.Status.UNKNOWN, account__is_practice=False
    )


def deliveries(which: str) -> QuerySet[WebhookEvent]:
    """Deliveries of providers that are not worked off."""
    state = WebhookEvent.State
    states = {
        Deliveries.WAITING: [state.RECEIVED, state.CLAIMED],
        Deliveries.PARKED: [state.PARKED],
    }
    return WebhookEvent.objects.filter(
        state__in=states[Deliveries(which)], account__is_practice=False
    )


def undelivered(which: str) -> QuerySet[OutgoingMessage]:
    """Messages written today that did not reach the customer."""
    bounds = bounds_of(business_date())
    return OutgoingMessage.objects.filter(
        status=Undelivered(which),
        created_at__gte=bounds.start,
        created_at__lt=bounds.end,
        customer__is_practice=False,
    )


def in_review() -> QuerySet[PaymentIntent]:
    """Payments that a person should look at."""
    return PaymentIntent.objects.filter(needs_review=True, customer__is_practice=False)


def awaiting() -> tuple[QuerySet[Any], ...]:
    """What waits for a second person: refunds and moves above a limit, and outcomes found."""
    return (
        Refund.objects.awaiting().filter(capture__attempt__account__is_practice=False),
        SurplusMove.objects.awaiting().filter(intent__customer__is_practice=False),
        OutcomeDecision.objects.awaiting().filter(operation__account__is_practice=False),
    )


def promises(which: str) -> QuerySet[PromiseToPay]:
    """Promises that are still open on their last day, or were found broken today."""
    real = PromiseToPay.objects.filter(customer__is_practice=False)
    if which == Promises.DUE:
        return real.open().filter(due_on=business_date())
    bounds = bounds_of(business_date())
    return real.filter(broken_at__gte=bounds.start, broken_at__lt=bounds.end)


def _real_calls() -> QuerySet[Call]:
    """Calls that nobody made up for practice."""
    return Call.objects.filter(phone_system__is_practice=False)


def instalments(which: str) -> QuerySet[Instalment]:
    """Parts that are not paid on their day, or were found missed today."""
    if which == Instalments.DUE:
        return Instalment.objects.to_come().of_active_plans().filter(due_on=business_date())
    bounds = bounds_of(business_date())
    return Instalment.objects.filter(missed_at__gte=bounds.start, missed_at__lt=bounds.end)


def _calls_of_today() -> QuerySet[Call]:
    bounds = bounds_of(business_date())
    return _real_calls().filter(
        direction=Call.Direction.INBOUND,
        created_at__gte=bounds.start,
        created_at__lt=bounds.end,
    )
