"""Card terminals at every provider that has them, alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.providers.base import Capability, ClearTerminal, PushToTerminal, Snapshot
from payments.providers.errors import ProviderRejected
from tests.contract import asking
from tests.contract.asking import euros, new_id
from tests.contract.rigs import SandboxRig

if TYPE_CHECKING:
    from tests.contract.rigs import Rig


def push(terminal: str) -> PushToTerminal:
    return PushToTerminal(
        key=new_id("key"),
        attempt_id=new_id("pat"),
        amount=euros(5_000),
        terminal=terminal,
        description="Lasku 20533",
    )


def clear(rig: Rig, shown: Snapshot) -> ClearTerminal:
    attempt = shown.attempt
    return ClearTerminal(new_id("key"), attempt.our_id, attempt.references, rig.terminal)


@pytest.fixture(autouse=True)
def has_terminals(rig: Rig) -> None:
    rig.needs("terminal")
    assert Capability.TERMINAL in rig.provider.manifest.capabilities


@pytest.mark.parametrize(
    ("act", "status"), [("pay", "authorised"), ("decline", "declined"), ("leave", "canceled")]
)
def test_what_the_customer_does_at_the_terminal_is_read(rig: Rig, act: str, status: str) -> None:
    request = push(rig.terminal)
    shown = rig.provider.push_to_terminal(request)

    waiting = asking.fetched(rig, shown)
    rig.at_terminal(act)
    ended = asking.fetched(rig, shown)

    assert shown.attempt.our_id == request.attempt_id
    assert (waiting.attempt.status, waiting.step) == ("pending", "card")
    assert ended.attempt.status == status
    assert [one.amount for one in ended.captures] == ([euros(5_000)] if act == "pay" else [])
    assert ended.step == ""


def test_a_push_can_be_taken_off_and_another_then_stands_there(rig: Rig) -> None:
    shown = rig.provider.push_to_terminal(push(rig.terminal))
    with pytest.raises(ProviderRejected):
        rig.provider.push_to_terminal(push(rig.terminal))

    cleared = rig.provider.clear_terminal(clear(rig, shown))
    again = rig.provider.push_to_terminal(push(rig.terminal))

    assert cleared.attempt.status == "canceled"
    assert again.attempt.status == "pending"
    rig.provider.clear_terminal(clear(rig, again))


def test_the_same_key_is_shown_once(rig: Rig) -> None:
    request = push(rig.terminal)

    first, second = rig.provider.push_to_terminal(request), rig.provider.push_to_terminal(request)

    assert first.attempt.references == second.attempt.references
    rig.provider.clear_terminal(clear(rig, first))


def test_a_terminal_that_is_off_refuses_and_nothing_is_shown(rig: Rig) -> None:
    if isinstance(rig, SandboxRig):
        rig.server.at_terminal(rig.terminal_off, switch="yes")

    with pytest.raises(ProviderRejected) as refusal:
        rig.provider.push_to_terminal(push(rig.terminal_off))

    assert refusal.value.code in {"terminal_offline", "terminal_reader_offline"}
    if isinstance(rig, SandboxRig):
        rig.server.at_terminal(rig.terminal_off, switch="yes")
