"""The whole house on one machine: servers, sandbox, web, worker and clock as real processes.

The demo, the benchmarks and the browser tests start it. It knows no Django: each program is a
process of its own, told everything by its environment.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded import processes
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
QUEUES = "webhooks,money,reconcile,reports,mail"
KEYS = (
    "SECRET_KEY",
    "LINK_SECRET_KEY",
    "SEAL_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "SANDBOX_API_KEY",
    "SANDBOX_WEBHOOK_SECRET",
)


def migrations_digest() -> str:
    """Name what the database will look like: one already migrated to this need not be again."""
    digest = hashlib.sha256()
    sources = ("*/migrations/*.py", "core/database.py", "core/fields.py", "requirements.txt")
    files = [path for pattern in sources for path in ROOT.glob(pattern)]
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def is_free(port: int) -> bool:
    """Whether nobody listens on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(start: int) -> int:
    """The first free port from `start` on."""
    return next(port for port in range(start, start + 200) if is_free(port))


class House:
    """Everything Kuitti needs, under one folder. Refuses a port that is taken."""

    def __init__(
        self, home: Path, port: int, *, quick: bool = False, web_processes: int = 1
    ) -> None:
        if not is_free(port):
            raise processes.ServerFailed(f"Port {port} is taken: choose another with PORT=.")
        self.home = home
        self.port = port
        self.web_processes = web_processes
        self.web_application = "config.asgi:application"
        self.sandbox_port = free_port(port + 1)
        self.address = f"http://127.0.0.1:{port}"
        self.sandbox_address = f"http://127.0.0.1:{self.sandbox_port}"
        self.environment = dict(os.environ)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres = (
            None if "DATABASE_URL" in os.environ else Postgres(home / "pg", quick=quick)
        )
        self._valkey = None if "REDIS_URL" in os.environ else Valkey()

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, unless the environment names others."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self._postgres is not None:
            self._postgres.start()
            self.environment["DATABASE_URL"] = self._postgres.url("kuitti_app")
            self.environment["DATABASE_OWNER_URL"] = self._postgres.url("kuitti_owner")
        if self._valkey is not None:
            self._valkey.start()
            self.environment["REDIS_URL"] = self._valkey.url
        self.environment |= self._keys() | {
            "PUBLIC_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "CSP_FORM_ACTION_HOSTS": self.sandbox_address,
            "SANDBOX_URL": self.sandbox_address,
            "MESSAGE_GATEWAY_URL": f"{self.sandbox_address}/gateway/messages",
            "MESSAGE_GATEWAY_CHANNELS": "sms,email",
            "KUITTI_TRAINING": "true",
            "STATIC_FROM_SOURCE": "true",
        }

    def migrate(self) -> None:
        """Bring the database up to date. A database of our own that is, is left alone."""
        note, digest = self.home / "migrated", migrations_digest()
        if self._postgres is not None and note.exists() and note.read_text() == digest:
            return
        self.manage("migrate", "--database", "owner", "--verbosity", "0", "--skip-checks")
        note.write_text(digest)

    def start_sandbox(self) -> None:
        """Start the provider that everything is tried on."""
        command = ["-m", "payments.sandbox", "--port", str(self.sandbox_port)]
        self.start("sandbox", [*command, "--state", str(self.home / "sandbox.db")])

    def wait_for_sandbox(self) -> None:
        """Wait until the sandbox can be told where webhooks go."""
        self.wait_for(f"{self.sandbox_address}/healthz", "sandbox", seconds=60)

    def start_programs(self) -> None:
        """Start web, worker and clock. They come up side by side."""
        self.start_web()
        self.start_worker()
        self.start_beat()

    def start_web(self) -> None:
        """Start the web processes."""
        web = ["-m", "uvicorn", self.web_application, "--port", str(self.port)]
        web += ["--workers", str(self.web_processes), "--timeout-graceful-shutdown", "3"]
        self.start("web", [*web, *WEB_OPTIONS])

    def start_beat(self) -> None:
        """Start the clock."""
        schedule = str(self.home / "schedule")
        self.start("beat", [*CELERY, "beat", "--schedule", schedule, "--loglevel", "warning"])

    def start_worker(self) -> None:
        """Start the worker that serves every queue."""
        worker = ["worker", "--queues", QUEUES, "--concurrency", "2", *WORKER_OPTIONS]
        self.start("worker", [*CELERY, *worker])

    def crash_database(self, *, away_s: float = 0) -> None:
        """Stop our PostgreSQL as a power cut would, and start it again after a while."""
        if self._postgres is not None:
            self._postgres.crash()
            time.sleep(away_s)
            self._postgres.start()

    def crash_valkey(self, *, away_s: float = 0) -> None:
        """Kill our Valkey, and start it again after a while. It forgets everything."""
        if self._valkey is not None:
            self._valkey.crash()
            time.sleep(away_s)
            self._valkey.start()

    def kill(self, name: str) -> None:
        """Kill a program with all that it started, as a power cut would. It is not restarted."""
        program = self.running[name]
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(10)

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start one Python program of ours; what it says goes to its log under the home."""
        with self.log(name).open("ab") as log:
            self.running[name] = processes.start(
                [sys.executable, *arguments], log=log, env=self.environment, folder=ROOT
            )

    def log(self, name: str) -> Path:
        return self.home / f"{name}.log"

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end. Raises CalledProcessError when it fails."""
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            check=True,
            cwd=ROOT,
            env=self.environment,
        )

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Wait until every part answers for itself."""
        self.wait_for_sandbox()
        self.wait_for(f"{self.address}/readyz", "web", seconds)

    def wait_for(self, address: str, name: str, seconds: float) -> None:
        """Wait for an address to answer 200. Raises ServerFailed when a program ended meanwhile."""
        deadline = time.monotonic() + seconds
        while not _answers(address):
            ended = self.ended()
            if ended or time.monotonic() > deadline:
                tail = self.log(ended or name).read_text(errors="replace")[-3000:]
                raise processes.ServerFailed(f"{ended or name} did not become ready.\n{tail}")
            time.sleep(0.3)

    def ended(self) -> str:
        """The name of a program that is no longer there, or nothing."""
        return next((name for name, it in self.running.items() if it.poll() is not None), "")

    def stop(self) -> None:
        """Stop the programs together, then the servers. Safe to repeat, and never raises."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            processes.stop(process, patience=8)
        self.running.clear()
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.discard()

    def _keys(self) -> dict[str, str]:
        """Keys of this house, made once and kept beside its data: readable by its owner only."""
        path = self.home / "keys.json"
        if not path.exists():
            keys = {name: secrets.token_urlsafe(48) for name in KEYS}
            keys["FIELD_ENCRYPTION_KEYS"] = base64.urlsafe_b64encode(os.urandom(32)).decode()
            path.touch(mode=0o600)
            path.write_text(json.dumps(keys))
        kept: dict[str, str] = json.loads(path.read_text())
        return {name: os.environ.get(name, key) for name, key in kept.items()}


CELERY = ("-m", "celery", "-A", "config.celery", "--quiet")
WEB_OPTIONS = ("--no-access-log", "--lifespan", "off", "--log-level", "warning", "--ws", "none")
WORKER_OPTIONS = ("--loglevel", "warning", "--without-gossip", "--without-mingle")


def _answers(address: str) -> bool:
    try:
        # An address of this machine, made above. Anything but a success raises.
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
    except (urllib.error.URLError, OSError):
        return False
    return True
