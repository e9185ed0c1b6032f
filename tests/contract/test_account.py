"""Our account at the provider, and what the manifest promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.money import EXPONENTS
from payments.error_codes import MEANINGS
from payments.providers.base import OperationKind
from tests.contract import asking
from tests.contract.asking import euros

if TYPE_CHECKING:
    from tests.contract.rigs import Rig

KNOWN_OPERATIONS = {""} | {kind.value for kind in OperationKind}


def test_the_account_tells_what_came_and_went_oldest_first(rig: Rig) -> None:
    since = datetime.now(UTC) - timedelta(seconds=2)
    paid = asking.charged(rig, 5_000)
    refunded = rig.provider.refund(asking.refund(paid, 1_000))
    wanted = {paid.captures[0].references[0], refunded.refunds[0].references[0]}

    lines = [one for one in rig.provider.balance_transactions(since) if one.source in wanted]

    # Within one second a provider may name them in either order.
    assert sorted(one.amount for one in lines) == [euros(-1_000), euros(5_000)]
    assert [one.available_at for one in lines] == sorted(one.available_at for one in lines)
    assert all(one.net == one.amount - one.fee for one in lines)


def test_a_capture_costs_a_fee(rig: Rig) -> None:
    rig.needs("fees")
    since = datetime.now(UTC) - timedelta(seconds=2)
    paid = asking.charged(rig, 5_000)

    lines = list(rig.provider.balance_transactions(since))

    mine = [one for one in lines if one.source in paid.captures[0].references]
    assert [one.fee.minor > 0 for one in mine] == [True]


def test_the_manifest_is_whole(rig: Rig) -> None:
    manifest = rig.provider.manifest

    assert manifest.currencies <= set(EXPONENTS)
    assert manifest.methods
    assert manifest.key_window_s >= 3_600
    assert manifest.longest_request_s >= rig.provider.timeout_s


def test_the_error_map_has_no_line_twice(rig: Rig) -> None:
    lines = [(row.operation, row.code) for row in rig.provider.errors]

    assert len(lines) == len(set(lines))
    assert {row.operation for row in rig.provider.errors} <= KNOWN_OPERATIONS
    assert {row.unified for row in rig.provider.errors} <= {one.code for one in MEANINGS}
