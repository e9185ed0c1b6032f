"""Whose refund is it: ours, or somebody's in the provider's dashboard?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.money import Money
from payments.models import Capture, PaymentIntent, ProviderOperation, Refund, WebhookEvent
from payments.models.events import Source
from payments.providers.base import News, Snapshot, SubjectKind
from payments.providers.sandbox.adapter import Sandbox
from payments.services import resolver
from payments.services.apply import apply_snapshot
from payments.services.refunds import request_refund
from tests.factories.core import finance
from tests.factories.payments import news, paid_capture, paid_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db

SETTLED_S = 2 * 86_400


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
    leave(refund, ago_s=0)
    return refund


def leave(refund: Refund, *, ago_s: float) -> None:
    at = timezone.now() - timedelta(seconds=ago_s)
    operation = ProviderOperation.objects.filter(refund=refund)
    operation.update(status="sent", sends=1, first_sent_at=at, last_sent_at=at)


def hear(capture: Capture, *refunds: News, claimed: Sequence[WebhookEvent] = ()) -> PaymentIntent:
    paid = paid_snapshot(capture.attempt)
    said = Snapshot(paid.attempt, captures=paid.captures, refunds=refunds)
    account = capture.attempt.account
    apply_snapshot(account=account, snapshot=said, source=Source.WEBHOOK, claimed=claimed)
    return PaymentIntent.objects.get()


def given_back(reference: str, *, to: Refund | None = None) -> News:
    our_id = to.public_id if to else ""
    return news(SubjectKind.REFUND, "succeeded", 2_500, reference, our_id=our_id)


def refunds_by_origin() -> list[tuple[str, str]]:
    return sorted(Refund.objects.values_list("origin", "status"))


def test_a_dashboard_refund_of_the_same_amount_is_not_taken_for_ours() -> None:
    capture = paid_capture()
    refund = refund_without_answer(capture, 2_500)
    theirs = given_back("re-theirs")
    ours = given_back("re-ours", to=refund)

    hear(capture, theirs)
    refund.refresh_from_db()
    assert refund.status == "requested"
    intent = hear(capture, theirs, ours)

    assert intent.refunded == 5_000
    assert refunds_by_origin() == [("ours", "succeeded"), ("provider", "succeeded")]


@pytest.mark.usefixtures("silent_provider")
def test_where_nothing_is_echoed_the_one_that_fits_is_ours_once_no_answer_can_come() -> None:
    capture = paid_capture()
    refund, other = (refund_without_answer(capture, 2_500) for _ in range(2))
    for one in (refund, other):
        leave(one, ago_s=Sandbox.manifest.longest_request_s + 1)

    intent = hear(capture, given_back("re-1"))

    refund.refresh_from_db()
    assert (intent.refunded, refund.status) == (2_500, "succeeded")
    assert refunds_by_origin() == [("ours", "requested"), ("ours", "succeeded")]


@pytest.mark.usefixtures("silent_provider")
def test_what_an_answer_may_yet_name_is_left_out_and_its_delivery_waits() -> None:
    capture = paid_capture()
    refund = refund_without_answer(capture, 2_500)
    delivery = WebhookEvent.objects.create(
        account=capture.attempt.account,
        event_id="evt_1",
        kind="refund",
        state="claimed",
        next_at=timezone.now(),
        received_at=timezone.now(),
    )

    intent = hear(capture, given_back("re-theirs"), claimed=[delivery])

    delivery.refresh_from_db()
    assert (intent.refunded, delivery.state) == (0, "claimed")
    intent = hear(capture, given_back("re-theirs"), given_back("re-ours", to=refund))
    intent = hear(capture, given_back("re-theirs"), claimed=[delivery])
    delivery.refresh_from_db()
    assert (intent.refunded, delivery.state) == (5_000, "done")
    assert refunds_by_origin() == [("ours", "succeeded"), ("provider", "succeeded")]


@pytest.mark.usefixtures("silent_provider")
def test_two_equal_refunds_under_way_are_counted_once_each() -> None:
    capture = paid_capture()
    first, second = (refund_without_answer(capture, 2_500) for _ in range(2))

    hear(capture, given_back("re-1"))
    hear(capture, given_back("re-1", to=first))
    intent = hear(capture, given_back("re-1"), given_back("re-2", to=second))

    assert intent.refunded == 5_000
    assert refunds_by_origin() == [("ours", "succeeded")] * 2


@pytest.mark.usefixtures("silent_provider")
def test_what_was_once_taken_for_something_stays_that() -> None:
    capture = paid_capture()
    first, second = (refund_without_answer(capture, 2_500) for _ in range(2))
    for one in (first, second):
        leave(one, ago_s=Sandbox.manifest.longest_request_s + 1)

    hear(capture, given_back("re-1"))
    intent = hear(capture, given_back("re-1", to=second), given_back("re-2", to=first))

    assert intent.refunded == 5_000
    assert refunds_by_origin() == [("ours", "succeeded")] * 2


def look_for(refund: Refund, *refunds: News) -> tuple[str, str]:
    """Let the resolver find what a read shows; answers what became of refund and operation."""
    operation = ProviderOperation.objects.get(refund=refund)
    paid = paid_snapshot(refund.capture.attempt)
    resolver._apply(operation, Snapshot(paid.attempt, captures=paid.captures, refunds=refunds))
    operation.refresh_from_db()
    refund.refresh_from_db()
    return refund.status, operation.status


def two_alike(*, ago_s: float) -> tuple[Capture, Refund]:
    """A refund of which nobody knows, beside one of the same amount that its answer has named."""
    capture = paid_capture()
    named, lost = (refund_without_answer(capture, 2_500) for _ in range(2))
    hear(capture, given_back("re-named", to=named))
    leave(lost, ago_s=ago_s)
    ProviderOperation.objects.filter(refund=lost).update(status="unknown")
    return capture, lost


@pytest.mark.usefixtures("silent_provider")
def test_what_bears_the_name_of_its_twin_is_no_trace_of_a_refund() -> None:
    capture, lost = two_alike(ago_s=SETTLED_S)

    assert look_for(lost, given_back("re-named")) == ("not_executed", "not_executed")
    assert PaymentIntent.objects.get().refunded == 2_500
    assert not PaymentIntent.objects.get().blocked_by_unknown
    assert capture.refunds.count() == 2


@pytest.mark.usefixtures("silent_provider")
def test_nothing_is_said_of_it_before_a_read_can_be_trusted() -> None:
    _capture, lost = two_alike(ago_s=1)

    assert look_for(lost, given_back("re-named"))[1] == "unknown"


@pytest.mark.usefixtures("silent_provider")
def test_what_bears_no_name_yet_may_still_be_ours() -> None:
    capture, lost = two_alike(ago_s=SETTLED_S)
    asked_just_now = refund_without_answer(capture, 2_500)

    found = look_for(lost, given_back("re-named"), given_back("re-of-one-of-the-two"))

    assert found[1] == "unknown"
    assert ProviderOperation.objects.get(refund=asked_just_now).status == "sent"


def test_where_our_id_is_always_said_it_is_the_adapter_who_knows() -> None:
    _capture, lost = two_alike(ago_s=SETTLED_S)

    assert look_for(lost, given_back("re-named"))[1] == "unknown"
