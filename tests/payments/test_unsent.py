"""Requests that no provider has ever read, and whose time to be sent is over."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.money import Money
from payments.models import PaymentIntent, ProviderOperation, Refund
from payments.providers.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from payments.services import operations
from payments.services.refunds import request_refund
from tests.factories.core import finance
from tests.factories.payments import paid_capture

pytestmark = pytest.mark.django_db


def refund_answered_by(error: ProviderError) -> ProviderOperation:
    """A refund that was tried once, with an error for an answer, before its time was over."""
    ask = partial(request_refund, reason="agreed", requested_by=finance())
    refund = ask(capture_id=paid_capture().pk, amount=Money(2_500, "EUR"))
    operation = ProviderOperation.objects.get(refund=refund)
    ProviderOperation.objects.filter(pk=operation.pk).update(status="sent", sends=1)
    operations.record_error(operation.pk, error)
    long_ago = timezone.now() - timedelta(seconds=1)
    ProviderOperation.objects.filter(pk=operation.pk).update(send_until=long_ago)
    return operation


def test_what_never_reached_the_provider_is_given_up_though_it_was_tried() -> None:
    operation = refund_answered_by(ProviderUnavailable("no connection"))

    operations.give_up_unsent(operation.pk)

    operation.refresh_from_db()
    assert operation.status == "not_executed"
    assert Refund.objects.get().status == "not_executed"
    assert PaymentIntent.objects.get().blocked_by_unknown is False


def test_what_may_have_reached_the_provider_is_not_given_up() -> None:
    operation = refund_answered_by(OutcomeUnknown("no answer"))

    operations.give_up_unsent(operation.pk)

    operation.refresh_from_db()
    assert operation.status == "unknown"
