from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import processes
from config.embedded.house import House, free_port, is_free
from config.embedded.postgres import Postgres
from config.embedded.processes import ServerFailed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "data", quick=True)
    yield server
    server.discard()


def test_data_survives_a_restart(postgres: Postgres) -> None:
    postgres.start()
    with postgres.connect("kuitti_owner", "kuitti") as connection:
        connection.execute("CREATE TABLE kept (at timestamptz DEFAULT now())")
    postgres.stop()

    postgres.start()

    with postgres.connect("kuitti_app", "kuitti") as connection:
        connection.execute("INSERT INTO kept DEFAULT VALUES")
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_the_same_data_is_never_served_twice(postgres: Postgres) -> None:
    postgres.start()
    second = Postgres(postgres.data, quick=True)

    with pytest.raises(ServerFailed, match="already uses"):
        second.start()

    second.discard()
    assert postgres.is_running()


def test_a_server_that_outlived_its_supervisor_is_ended_first(postgres: Postgres) -> None:
    postgres.start()
    orphan = Postgres(postgres.data, quick=True)
    # What a supervisor that was killed leaves: a running server and no lock.
    assert postgres._lock is not None
    postgres._lock.close()
    postgres._lock = None

    orphan.start()

    assert orphan.is_running()
    assert not postgres.is_running()
    orphan.discard()


def test_the_server_dies_with_its_supervisor(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path; from config.embedded.valkey import Valkey;"
        "server = Valkey(); server.start(); print(server.address, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert supervisor.stdout is not None
    address = supervisor.stdout.readline().strip()

    supervisor.kill()
    supervisor.communicate()

    deadline = time.monotonic() + 10
    while _listens(address) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _listens(address)
    Path(address).with_name("valkey.log").unlink()
    Path(address).unlink(missing_ok=True)
    Path(address).parent.rmdir()


def _listens(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(address)
        except OSError:
            return False
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_root_without_namespaces_steps_down_to_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "user_namespaces_work", lambda: False)
    server = Postgres(tmp_path / "data", quick=True)

    server.start()

    assert server.data.stat().st_uid != 0
    with server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    moved = server.data
    server.discard()
    assert moved.is_relative_to(tmp_path) or not moved.exists()


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert not is_free(port)
        assert free_port(port) > port
        with pytest.raises(ServerFailed, match="is taken"):
            House(tmp_path / "house", port)

    assert not (tmp_path / "house").exists()
