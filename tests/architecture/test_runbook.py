"""What the runbook tells people to do in the worst hour must work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded import processes
from config.embedded.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

import pytest

FOUR_BILLION = 2**32


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "data", quick=True)
    server.start()
    yield server
    server.discard()


def number_of_transaction(cluster: Postgres) -> int:
    with cluster.connect("kuitti_owner", "kuitti") as connection:
        row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
    assert row is not None
    return int(str(row[0]))


def test_lifting_the_epoch_after_a_restore_lifts_the_counter_and_keeps_the_rows(
    cluster: Postgres,
) -> None:
    with cluster.connect("kuitti_owner", "kuitti") as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100) AS number")
    before = number_of_transaction(cluster)
    cluster.stop()

    command: list[str | Path] = [
        cluster.install / "bin" / "pg_resetwal",
        "-e",
        "1",
        "-D",
        cluster.data,
    ]
    with cluster.log.open("ab") as log:
        reset = processes.start(command, log=log, disguise=cluster.disguise)
    assert reset.wait(60) == 0
    cluster.start()

    assert before < FOUR_BILLION < number_of_transaction(cluster)
    with cluster.connect("kuitti_owner", "kuitti") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100,)
        connection.execute("INSERT INTO kept VALUES (101)")
