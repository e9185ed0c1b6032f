"""Start programs that die with us, and end them in order.

Nothing here knows Django: these servers run before settings can be read.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PR_SET_PDEATHSIG = 1
# The user that a root outside appears as inside the namespace: any account that is not root.
INSIDE_USER = 1


class ServerFailed(Exception):
    """A server did not start; the message ends with the last lines of its log."""


def package_directory(name: str) -> Path:
    """Where a package of the development requirements lies, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ServerFailed(
            f"{name} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL."
        )
    return Path(found.origin).parent


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """What a child runs first, so that it never outlives the one who started it (Linux only)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    control = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: control(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) and None


def enter_user_namespace() -> None:
    """Become an ordinary user inside a namespace of our own; files stay ours outside."""
    user, group = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWUSER)
    for name, line in (
        ("uid_map", f"{INSIDE_USER} {user} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{INSIDE_USER} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as control:  # noqa: PTH123 - between fork and exec
            control.write(line)


def user_namespaces_work() -> bool:
    """Whether this machine lets us make a user namespace; found out by making one."""
    if not hasattr(os, "unshare"):
        return False
    try:
        probe = subprocess.run(
            [sys.executable, "-c", "pass"], check=False, preexec_fn=enter_user_namespace
        )
    except subprocess.SubprocessError:
        return False
    return probe.returncode == 0


class Disguise(NamedTuple):
    """As whom a child runs: in a namespace it enters first, or as another user."""

    prepare: Callable[[], None] | None = None
    user: int | None = None


OURSELVES = Disguise()


def start(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    disguise: Disguise = OURSELVES,
    parent_gone: int = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start one program in a session of its own: the terminal's Ctrl-C reaches only us."""
    follow = die_with_parent(parent_gone)

    def before() -> None:
        if disguise.prepare is not None:
            disguise.prepare()
        # Last: a change of user would clear it.
        follow()

    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=before,  # noqa: PLW1509 - we start servers before we start threads
        start_new_session=True,
        user=disguise.user,
        group=disguise.user,
        extra_groups=None if disguise.user is None else [],
        env=None if env is None else dict(env),
        cwd=folder,
    )


def stop(process: subprocess.Popen[bytes], *, by: int = signal.SIGTERM, patience: float) -> None:
    """End a process: politely, and after `patience` seconds at once."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(
    is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Wait for a server to answer. Raises ServerFailed when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise ServerFailed(f"{process.args!r} did not become ready.\n{tail}")
        time.sleep(0.02)
