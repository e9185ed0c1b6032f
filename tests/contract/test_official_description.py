"""The judge itself: it must find what is wrong, else its silence proves nothing."""

from __future__ import annotations

import pytest

from tests.contract import official_description
from tests.contract.fake_stripe_http import Seen
from tests.contract.official_description import violations

pytestmark = pytest.mark.skipif(
    not official_description.is_here(),
    reason=f"{official_description.PLACE.name} is not beside the project",
)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/v1/refunds", {"charge": "ch_1", "nonsense": "1"}),
        ("/v1/refunds", {"charge": "ch_1", "amount": "12.50"}),
        ("/v1/refunds", {"charge": "ch_1", "reason": "because"}),
        ("/v1/payment_intents", {"currency": "eur"}),
        ("/v1/no_such_thing", {}),
    ],
)
def test_a_wrong_request_is_found(path: str, data: dict[str, str]) -> None:
    assert violations(Seen("POST", path, data, ""))


def test_a_right_request_passes() -> None:
    data = {"charge": "ch_1", "amount": "1250", "metadata": {"our_id": "rfd_1"}}

    assert violations(Seen("POST", "/v1/refunds", data, "key")) == []


def test_an_unknown_filter_is_found() -> None:
    assert violations(Seen("GET", "/v1/refunds", {"nonsense": "1"}, ""))
