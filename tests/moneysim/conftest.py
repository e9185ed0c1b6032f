"""The simulator's processes, started once for all modules that look at what they report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.moneysim import everyday, shards

if TYPE_CHECKING:
    from tests.moneysim.jobs import Report


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    modules = {item.path.stem for item in request.session.items}
    return shards.run(shards.dealt(everyday.jobs(modules)))
