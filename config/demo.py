"""The demo: the whole house with believable data, until Ctrl-C. `python -m config.demo`.

It supervises and therefore knows no Django: starting that twice would double the wait.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded.house import ROOT, House
from config.embedded.processes import ServerFailed

if TYPE_CHECKING:
    from types import FrameType

HOME = ROOT / ".local" / "demo"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TAIL = 3_000


class Stopped(Exception):
    """Somebody asked us to stop."""


def run(port: int, *, home: Path = HOME, customers: int = 2_000) -> int:
    """Run until a signal, leave no process behind, and give the exit status.

    It is 0 after a signal, and 1 when the house could not start or a part of it ended.
    """
    for number in ENDINGS:
        signal.signal(number, _stop)
    os.environ["KUITTI_DEMO"] = "1"
    os.environ.setdefault("MERCHANT_IBAN", "FI2112345600000785")
    house: House | None = None
    try:
        house = House(home, port)
        _serve(house, customers)
    except Stopped:
        _say("\nstopping")
    except (ServerFailed, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        if house is not None:
            house.stop()
    return 0


def _serve(house: House, customers: int) -> None:
    """Start everything, say so, and watch until a part ends."""
    house.start_servers()
    house.start_sandbox()
    house.migrate()
    house.start_programs()
    house.wait_for_sandbox()
    house.manage("seed_demo", "--skip-checks", "--customers", str(customers))
    house.wait_until_ready()
    _say(f"messages and test payments: {house.sandbox_address}/")
    _say(f"ready: {house.address}/")
    while not (ended := house.ended()):
        time.sleep(0.5)
    tail = house.log(ended).read_text(errors="replace")[-TAIL:]
    raise ServerFailed(f"{ended} ended by itself; its log is {house.log(ended)}\n{tail}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Stopped


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m config.demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--home", type=Path, default=HOME, help="where the data is kept")
    parser.add_argument("--customers", type=int, default=2_000)
    asked = parser.parse_args()
    sys.exit(run(asked.port, home=asked.home, customers=asked.customers))
