"""Run one command beside servers of its own: `python -m config.embedded manage.py check`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey


def main(arguments: list[str]) -> int:
    """Start what the environment does not name, run the command, and give its exit status."""
    home = Path(tempfile.mkdtemp(prefix="kuitti-"))
    environment = dict(os.environ)
    postgres = None if "DATABASE_URL" in environment else Postgres(home / "pg", quick=True)
    valkey = None if "REDIS_URL" in environment else Valkey()
    try:
        if postgres is not None:
            postgres.start()
            environment["DATABASE_URL"] = postgres.url("kuitti_app")
            environment["DATABASE_OWNER_URL"] = postgres.url("kuitti_owner")
        if valkey is not None:
            valkey.start()
            environment["REDIS_URL"] = valkey.url
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        for server in (postgres, valkey):
            if server is not None:
                server.discard()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
