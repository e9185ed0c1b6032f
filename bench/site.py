"""The place where everything is measured: our own house, and the bare floor beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench import cpu
from config.embedded.house import ROOT, WEB_OPTIONS, House, free_port

FLOOR_SETTINGS = "bench.floor.settings"
FIRST_PORT = 8900


class Site:
    """Real servers, durable as in production; one web process each, no worker unless asked for."""

    def __init__(self, home: Path, *, is_kept: bool = False) -> None:
        self.is_kept = is_kept
        self.house = House(home, free_port(FIRST_PORT))
        self.house.environment |= {"KUITTI_DEMO": "1"}
        self.port = self.house.port
        self.floor_port = 0
        self.known: dict[str, Any] = {}

    def start(self) -> None:
        """Start servers and web. The provider stays down until `start_sandbox`."""
        self.house.start_servers()
        self.house.environment["BENCH_POSTGRES"] = str(self.postgres)
        self.house.migrate()
        self.house.manage("ensure_reference_data", "--skip-checks")
        self._serve("web", "config.asgi", self.port)
        self.floor_port = free_port(self.port + 50)
        self._serve("floor", "bench.floor.asgi", self.floor_port)
        self.house.wait_for(f"{self.house.address}/healthz", "web", 60)
        self.house.wait_for(f"http://127.0.0.1:{self.floor_port}/hello", "floor", 60)

    def seed(self, customers: int, payments: int) -> None:
        """Make the data, unless a home that was kept has it already."""
        note = self.house.home / "seeded"
        if not note.exists():
            amounts = ("--customers", str(customers), "--payments", str(payments))
            self.house.manage("seed_scale", "--skip-checks", *amounts)
            note.write_text(f"{customers} customers and {payments} payments")
        self.known = self.ask("prepare")

    def _serve(self, name: str, module: str, port: int) -> None:
        arguments = ["-m", "uvicorn", f"{module}:application", "--port", str(port)]
        self.house.start(name, [*arguments, *WEB_OPTIONS])

    def start_sandbox(self) -> None:
        """Start the provider, in memory."""
        self.house.start("sandbox", ["-m", "payments.sandbox", "--port", str(self.sandbox_port)])
        self.house.wait_for_sandbox()

    def stop_part(self, name: str) -> None:
        """Stop one of the programs."""
        process = self.house.running.pop(name)
        process.terminate()
        process.wait(10)

    def start_worker(self) -> None:
        """Start one Celery worker as the house would."""
        worker = ["worker", "--queues", "webhooks,money", "--concurrency", "2"]
        options = ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
        self.house.start("worker", ["-m", "celery", "-A", "config.celery", *worker, *options])

    @property
    def sandbox_port(self) -> int:
        return self.house.sandbox_port

    @property
    def postgres(self) -> int:
        """The process id of the database server."""
        process = self.house._postgres._process if self.house._postgres else None  # noqa: SLF001
        if process is None:
            raise RuntimeError("The benchmarks measure a database server of their own.")
        return process.pid

    def pid(self, name: str) -> int:
        return self.house.running[name].pid

    def seconds(self, *names: str) -> float:
        """Processor time of the database and of these programs."""
        return cpu.tree_seconds(self.postgres, *(self.pid(name) for name in names))

    def ask(self, module: str, *arguments: object) -> Any:
        """Run a module of `bench.inside` in a Django process of its own; give its JSON answer."""
        answer = subprocess.run(
            [sys.executable, "-m", f"bench.inside.{module}", *map(str, arguments)],
            cwd=ROOT,
            env=self.house.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise RuntimeError(f"bench.inside.{module} failed: {answer.stdout[-2000:]}")
        return json.loads(answer.stdout.splitlines()[-1])

    def sql(self, statement: str) -> None:
        """Run one statement as the superuser."""
        postgres = self.house._postgres  # noqa: SLF001
        if postgres is not None:
            with postgres.connect(database="kuitti") as connection:
                connection.execute(statement.encode())

    def rows(self, statement: str) -> list[Any]:
        """Read as the application."""
        address = self.house.environment["DATABASE_URL"]
        user, _, place = address.removeprefix("postgres://").partition("@/")
        folder, _, name = place.rpartition("/")
        with psycopg.connect(host=folder, user=user, dbname=name) as connection:
            return list(connection.execute(statement.encode()).fetchall())

    def settle(self) -> None:
        """Let the database finish what it does behind our backs, so that no round pays for it."""
        self.sql("VACUUM ANALYZE")
        self.sql("CHECKPOINT")
        time.sleep(1)

    def stop(self) -> None:
        self.house.stop()
        if not self.is_kept:
            shutil.rmtree(self.house.home, ignore_errors=True)


def scale() -> float:
    """How much larger than usual the data is: SCALE=10 means a million customers."""
    return float(os.environ.get("SCALE", "1"))
