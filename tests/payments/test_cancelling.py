"""Calling a payment off while somebody else is taking it."""

from __future__ import annotations

import pytest

from core.money import Money
from payments import errors
from payments.models import Cancellation, Capture, PaymentAttempt, PaymentEvent, ProviderOperation
from payments.models.events import Source
from payments.providers.base import Snapshot, SubjectKind
from payments.services.apply import apply_snapshot
from payments.services.charges import request_capture
from payments.services.intents import cancel_intent
from tests.factories.core import finance
from tests.factories.payments import PaymentAttemptFactory, news

pytestmark = pytest.mark.django_db


def reserved() -> PaymentAttempt:
    """An attempt whose money is held and not taken."""
    attempt = PaymentAttemptFactory.create()
    held = news(SubjectKind.ATTEMPT, "authorised", attempt.amount, our_id=attempt.public_id)
    apply_snapshot(account=attempt.account, snapshot=Snapshot(held), source=Source.WEBHOOK)
    return attempt


def test_what_is_only_held_is_let_go() -> None:
    attempt = reserved()

    intent = cancel_intent(intent_id=attempt.intent_id, actor=finance())

    assert intent.public_id == attempt.intent.public_id
    assert Cancellation.objects.get().amount == attempt.amount


def test_while_a_part_is_being_taken_nothing_is_called_off() -> None:
    attempt = reserved()
    part = Money(attempt.amount // 3, attempt.currency)
    request_capture(attempt_id=attempt.pk, amount=part, actor=finance())

    with pytest.raises(errors.OutcomeStillUnknown):
        cancel_intent(intent_id=attempt.intent_id, actor=finance())

    assert not Cancellation.objects.exists()
    assert not PaymentEvent.objects.filter(subject_kind="intent", status="canceled").exists()
    assert list(ProviderOperation.objects.values_list("kind", flat=True)) == ["capture"]


def test_while_all_is_being_let_go_nothing_is_taken() -> None:
    attempt = reserved()
    cancel_intent(intent_id=attempt.intent_id, actor=finance())

    with pytest.raises(errors.CaptureExceedsAuthorised):
        request_capture(attempt_id=attempt.pk, amount=Money(1, attempt.currency), actor=finance())

    assert not Capture.objects.exists()
    assert list(ProviderOperation.objects.values_list("kind", flat=True)) == ["cancel"]
