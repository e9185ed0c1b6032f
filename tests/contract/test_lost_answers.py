"""When an answer is lost: what is raised, what happened, and how it is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.providers.base import Absent, OperationKind, Snapshot
from payments.providers.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from tests.contract import asking
from tests.contract.asking import euros
from tests.sandbox.server import free_port

if TYPE_CHECKING:
    from tests.contract.rigs import Rig

LOST_AFTER = ("reset", "error_after", "garbled", "hang")


@pytest.mark.parametrize("fault", LOST_AFTER)
def test_a_refund_whose_answer_is_lost_is_unknown_and_is_found(rig: Rig, fault: str) -> None:
    rig.needs("faults")
    paid = asking.charged(rig)
    request = asking.refund(paid, 1_000)
    rig.fault(fault, "refund")

    with pytest.raises(OutcomeUnknown):
        rig.adapter(timeout_s=0.7).refund(request)

    found = rig.provider.find(asking.find(OperationKind.REFUND, request, request.refund_id))
    assert isinstance(found, Snapshot)
    assert [one.our_id for one in found.refunds] == [request.refund_id]


def test_a_refund_that_never_arrived_is_unknown_and_absent(rig: Rig) -> None:
    rig.needs("faults")
    paid = asking.charged(rig)
    request = asking.refund(paid, 1_000)
    rig.fault("reset_before", "refund")

    with pytest.raises(OutcomeUnknown):
        rig.provider.refund(request)

    found = rig.provider.find(asking.find(OperationKind.REFUND, request, request.refund_id))
    assert found == Absent()
    assert asking.fetched(rig, paid).refunds == ()


def test_a_page_whose_address_was_lost_is_found_by_our_id(rig: Rig) -> None:
    rig.needs("page", "faults")
    request = asking.checkout()
    rig.fault("reset", "create")

    with pytest.raises(OutcomeUnknown):
        rig.provider.create_checkout(request)

    found = rig.provider.find(asking.find(OperationKind.CREATE, request, request.attempt_id))
    assert isinstance(found, Snapshot)
    assert found.attempt.our_id == request.attempt_id
    assert found.page is not None


def test_a_charge_whose_answer_was_lost_is_found_by_our_id(rig: Rig) -> None:
    rig.needs("faults")
    request = asking.charge(rig)
    rig.fault("reset", "charge")

    with pytest.raises(OutcomeUnknown):
        rig.provider.charge_saved_method(request)

    found = rig.provider.find(asking.find(OperationKind.CHARGE, request, request.attempt_id))
    assert isinstance(found, Snapshot)
    assert [one.amount for one in found.captures] == [euros(5_000)]


@pytest.mark.parametrize("kind", [OperationKind.CHARGE, OperationKind.CREATE])
def test_what_was_never_asked_for_is_absent(rig: Rig, kind: OperationKind) -> None:
    if kind is OperationKind.CREATE:
        rig.needs("page")
    request = asking.charge(rig)

    found = rig.provider.find(asking.find(kind, request, request.attempt_id))

    assert found == Absent()


def test_a_capture_and_a_cancellation_leave_a_trace_only_once_done(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    held = asking.paid_page(rig, manual_capture=True)
    capturing, cancelling = asking.capture(held, 5_000), asking.cancel(held, 5_000)
    asked = [
        asking.find(OperationKind.CAPTURE, capturing, capturing.capture_id),
        asking.find(OperationKind.CANCEL, cancelling, cancelling.cancellation_id),
    ]

    before = [rig.provider.find(one) for one in asked]
    rig.provider.capture(capturing)
    after = [rig.provider.find(one) for one in asked]

    assert before == [Absent(), Absent()]
    assert isinstance(after[0], Snapshot)
    assert after[1] == Absent()


def test_a_close_leaves_a_trace_only_once_done(rig: Rig) -> None:
    rig.needs("page")
    opened = rig.provider.create_checkout(asking.checkout())
    closing = asking.close(opened)
    asked = asking.find(OperationKind.CLOSE_SESSION, closing, "")

    before = rig.provider.find(asked)
    rig.provider.close_checkout(closing)

    assert before == Absent()
    assert isinstance(rig.provider.find(asked), Snapshot)


def test_the_same_key_never_pays_twice(rig: Rig) -> None:
    rig.needs("idempotency")
    paid = asking.charged(rig)
    request = asking.refund(paid, 1_000)

    rig.provider.refund(request)
    rig.provider.refund(request)

    assert len(asking.fetched(rig, paid).refunds) == 1


def test_a_replay_after_a_lost_answer_never_pays_twice(rig: Rig) -> None:
    rig.needs("idempotency", "faults")
    paid = asking.charged(rig)
    request = asking.refund(paid, 1_000)
    rig.fault("reset", "refund")

    with pytest.raises(OutcomeUnknown):
        rig.provider.refund(request)
    replayed = rig.provider.refund(request)

    assert [one.our_id for one in replayed.refunds] == [request.refund_id]
    assert len(asking.fetched(rig, paid).refunds) == 1


def test_a_key_used_for_something_else_is_unknown_not_refused(rig: Rig) -> None:
    rig.needs("idempotency")
    paid = asking.charged(rig)
    first = asking.refund(paid, 1_000)
    rig.provider.refund(first)

    with pytest.raises(OutcomeUnknown):
        rig.provider.refund(asking.refund(paid, 900, key=first.key))

    assert len(asking.fetched(rig, paid).refunds) == 1


def test_a_refused_connection_means_nothing_was_sent(rig: Rig) -> None:
    request = asking.charge(rig)
    nobody = rig.adapter(api_base=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(ProviderUnavailable):
        nobody.charge_saved_method(request)


def test_a_name_that_leads_nowhere_means_nothing_was_sent(rig: Rig) -> None:
    request = asking.charge(rig)
    nobody = rig.adapter(api_base="http://nobody.invalid")

    with pytest.raises(ProviderUnavailable):
        nobody.charge_saved_method(request)


def test_too_many_requests_means_nothing_was_done(rig: Rig) -> None:
    rig.needs("faults")
    paid = asking.charged(rig)
    rig.fault("rate_limit", "refund")

    with pytest.raises(ProviderUnavailable):
        rig.provider.refund(asking.refund(paid, 1_000))

    assert asking.fetched(rig, paid).refunds == ()


def test_a_wrong_key_is_refused(rig: Rig) -> None:
    rig.needs("bad key")
    request = asking.charge(rig)

    with pytest.raises(ProviderRejected):
        rig.adapter(api_key="sk_test_wrong").charge_saved_method(request)


def test_an_adapter_never_tries_again_by_itself(rig: Rig) -> None:
    rig.needs("faults")
    paid = asking.charged(rig)
    request = asking.refund(paid, 1_000)
    rig.fault("reset_before", "refund")

    # A second try would succeed: the fault is used up by the first.
    with pytest.raises(ProviderError):
        rig.provider.refund(request)

    assert asking.fetched(rig, paid).refunds == ()
