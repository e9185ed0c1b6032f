"""The rigs as fixtures, and the list of what none of them can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.rigs import (
    NOT_PROVABLE,
    FakeStripeRig,
    LocalstripeRig,
    Rig,
    SandboxRig,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGS: dict[str, type[Rig]] = {rig.name: rig for rig in (SandboxRig, FakeStripeRig, LocalstripeRig)}


@pytest.fixture(scope="session", params=sorted(RIGS))
def started_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = RIGS[request.param]()
    yield rig
    rig.stop()


@pytest.fixture
def rig(started_rig: Rig) -> Iterator[Rig]:
    """One adapter and what it talks to; every request is judged when the test ends."""
    yield started_rig
    started_rig.check()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every cell of the contract that no rig here can answer."""
    if not NOT_PROVABLE:
        return
    terminalreporter.section("provider contract: not provable here")
    for (rig, cell), reason in sorted(NOT_PROVABLE.items()):
        terminalreporter.write_line(f"{rig:20} {cell:40} {reason}")
