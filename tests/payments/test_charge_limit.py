"""What may still be asked of a customer: the limit that the database keeps by itself."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, transaction

from payments.models import PaymentAttempt, PaymentIntent, ProviderOperation
from payments.services.reserving import reserve
from tests.factories.payments import CheckoutSessionFactory, PaymentAttemptFactory
from tests.payments.test_races import without_trigger

pytestmark = pytest.mark.django_db

WAITING = [status.value for status in ProviderOperation.OPEN]
OVER = sorted(set(ProviderOperation.Status.values) - set(WAITING))


def keyed(confirm: str) -> PaymentIntent:
    """A payment all of which was keyed on a phone that is off now; so stands its charge."""
    session = CheckoutSessionFactory.create(kind="keypad", status="closed")
    attempt = PaymentAttemptFactory.create(session=session)
    operation = reserve(ProviderOperation.Kind.CONFIRM, attempt=attempt)
    ProviderOperation.objects.filter(pk=operation.pk).update(status=confirm)
    return attempt.intent


def charge_once_more(intent: PaymentIntent) -> PaymentAttempt:
    session = CheckoutSessionFactory.create(intent=intent)
    made: PaymentAttempt = PaymentAttemptFactory.create(session=session)
    return made


def refused(intent: PaymentIntent) -> str | None:
    """The name under which the database refuses to charge all of it once more."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        charge_once_more(intent)
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation)
    return cause.diag.constraint_name


@pytest.mark.parametrize("confirm", WAITING)
def test_what_is_being_charged_from_a_keypad_is_in_flight_though_the_keypad_is_off(
    confirm: str,
) -> None:
    intent = keyed(confirm)

    assert refused(intent) == "attempt_within_intent"

    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize("confirm", OVER)
def test_once_it_is_over_the_payment_can_be_charged_another_way(confirm: str) -> None:
    intent = keyed(confirm)

    assert charge_once_more(intent).amount == intent.amount


def test_who_is_at_a_page_that_is_open_is_not_charged_beside_it() -> None:
    session = CheckoutSessionFactory.create()
    PaymentAttemptFactory.create(session=session, amount=session.intent.amount - 1)

    with pytest.raises(IntegrityError, match="only 1 can still be charged"), transaction.atomic():
        PaymentAttemptFactory.create(session=None, intent=session.intent, amount=2)

    assert PaymentAttempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_all_of_it_would_be_charged_twice() -> None:
    """The anti-test of them all."""
    intent = keyed("sent")

    with without_trigger("payments_paymentattempt", "payments_paymentattempt_limit"):
        charge_once_more(intent)

    assert sum(one.amount for one in intent.attempts.all()) == 2 * intent.amount
