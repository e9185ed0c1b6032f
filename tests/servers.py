"""One private PostgreSQL and one private Valkey for each run of the tests.

Loaded before the settings are read. Where `DATABASE_URL` or `REDIS_URL` is set,
the tests use that server instead.
"""

from __future__ import annotations

import atexit
import base64
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import django

from config import translations
from config.embedded.house import migrations_digest
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".local" / "test"
KEPT_CLUSTERS = 3
TEST_DATABASE = "test_kuitti"
SETTINGS = "DJANGO_SETTINGS_MODULE"
SMALL = {"shared_buffers": "64MB", "max_wal_size": "256MB", "autovacuum": "off"}


class Servers:
    """The servers of this run, and the cluster that later runs may copy."""

    def __init__(self) -> None:
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.is_migrated = False
        self._named = {SETTINGS: "config.settings"}
        self._home = Path(tempfile.mkdtemp(prefix="kuitti-test-"))
        self._prepared = CACHE / f"cluster-{migrations_digest()}"

    def start(self) -> None:
        """Start what the environment does not name, and name it there for the settings."""
        atexit.register(self.discard)
        translations.compile_all()
        if "DATABASE_URL" not in os.environ:
            self._start_postgres()
        if "REDIS_URL" not in os.environ:
            self.valkey = Valkey()
            self.valkey.start()
            self._name({"REDIS_URL": self.valkey.url})
        os.environ.setdefault("CACHE_URL", "locmem://")
        os.environ.setdefault("STATIC_FROM_SOURCE", "true")
        os.environ.setdefault("EMAIL_URL", "memorymail://")
        os.environ.setdefault("KUITTI_TRAINING", "true")
        os.environ.setdefault("FIELD_ENCRYPTION_KEYS", base64.urlsafe_b64encode(b"k" * 32).decode())
        for name in ("SECRET_KEY", "LINK_SECRET_KEY", "SEAL_KEY"):
            os.environ.setdefault(
                name, f"test-only-{name.lower()}-0123456789abcdef0123456789abcdef"
            )

    def keep_migrated_cluster(self) -> None:
        """Put a copy of the migrated cluster aside for the next run."""
        if self.postgres is None or self.is_migrated:
            return
        self.postgres.stop()
        CACHE.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=CACHE, prefix="copy-"))
        _copy(self.postgres.data, scratch / "data")
        try:
            scratch.rename(self._prepared)
        except OSError:  # Another run was first.
            shutil.rmtree(scratch)
        else:
            self._forget_old_clusters()
        self.postgres.start()

    def without_them(self) -> dict[str, str]:
        """The environment for a run beside this one, which starts servers of its own."""
        return {name: value for name, value in os.environ.items() if name not in self._named}

    def step_aside(self) -> None:
        """Leave the tests to runs that this process starts: end the servers, and name them not."""
        self.discard()
        for name in self._named:
            os.environ.pop(name, None)

    def discard(self) -> None:
        """End both servers and remove what they left."""
        if self.postgres is not None:
            self.postgres.discard()
        if self.valkey is not None:
            self.valkey.discard()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start_postgres(self) -> None:
        self.postgres = Postgres(self._home / "data", quick=True, settings=SMALL)
        self.is_migrated = self._prepared.exists()
        if self.is_migrated:
            _copy(self._prepared / "data", self.postgres.data)
        self.postgres.start()
        logins = {"DATABASE_URL": "kuitti_app", "DATABASE_OWNER_URL": "kuitti_owner"}
        self._name({name: self.postgres.url(role) for name, role in logins.items()})

    def _name(self, addresses: dict[str, str]) -> None:
        self._named |= addresses
        os.environ |= addresses

    def _forget_old_clusters(self) -> None:
        clusters = sorted(CACHE.glob("cluster-*"), key=lambda path: path.stat().st_mtime)
        for old in clusters[:-KEPT_CLUSTERS]:
            shutil.rmtree(old, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a stopped cluster; only one process at a time, so that none is removed meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(source, target, symlinks=True)
        target.chmod(0o700)
        (target / "postmaster.pid").unlink(missing_ok=True)


SERVERS = Servers()
SERVERS.start()
os.environ[SETTINGS] = "config.settings"
django.setup()
