"""Whose refund is it: ours, or somebody's in the provider's dashboard?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.money import Money
from payments.models import Capture, PaymentIntent, ProviderOperation, Refund
from payments.models.events import Source
from payments.providers.base import News, Snapshot, SubjectKind
from payments.providers.sandbox.adapter import Sandbox
from payments.services.apply import apply_snapshot
from payments.services.refunds import request_refund
from tests.factories.core import finance
from tests.factories.payments import news, paid_capture, paid_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that never says our ids."""
    monkeypatch.setattr(Sandbox, "manifest", replace(Sandbox.manifest, echoes=frozenset()))


def refund_without_answer(capture: Capture, amount: int) -> Refund:
    refund = request_refund(
        capture_id=capture.pk,
        amount=Money(amount, "EUR"),
        reason="agreed",
        requested_by=finance(),
    )
    ProviderOperation.objects.filter(refund=refund).update(status="sent", sends=1)
    return refund


def hear(capture: Capture, *refunds: News) -> PaymentIntent:
    paid = paid_snapshot(capture.attempt)
    said = Snapshot(paid.attempt, captures=paid.captures, refunds=refunds)
    apply_snapshot(account=capture.attempt.account, snapshot=said, source=Source.WEBHOOK)
    return PaymentIntent.objects.get()


def test_a_dashboard_refund_of_the_same_amount_is_not_taken_for_ours() -> None:
    capture = paid_capture()
    refund = refund_without_answer(capture, 2_500)
    theirs = news(SubjectKind.REFUND, "succeeded", 2_500, "re-theirs")
    ours = news(SubjectKind.REFUND, "succeeded", 2_500, "re-ours", our_id=refund.public_id)

    hear(capture, theirs)
    refund.refresh_from_db()
    assert refund.status == "requested"
    intent = hear(capture, theirs, ours)

    assert intent.refunded == 5_000
    assert sorted(Refund.objects.values_list("origin", "status")) == [
        ("ours", "succeeded"),
        ("provider", "succeeded"),
    ]


@pytest.mark.usefixtures("silent_provider")
def test_where_nothing_is_echoed_the_one_that_fits_is_ours() -> None:
    capture = paid_capture()
    refund = refund_without_answer(capture, 2_500)

    intent = hear(capture, news(SubjectKind.REFUND, "succeeded", 2_500, "re-1"))

    refund.refresh_from_db()
    assert (intent.refunded, refund.status) == (2_500, "succeeded")
