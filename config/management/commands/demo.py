"""`manage.py demo`: the whole house with believable data, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError

from config.embedded.house import House
from config.embedded.processes import ServerFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from types import FrameType


class Stopped(Exception):
    """Somebody asked us to stop."""


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, the sandbox, web, worker and clock, with data to try."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, **options: Any) -> None:
        """Run until a signal; leave no process behind. Fails when a part of the house ends."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        os.environ["KUITTI_DEMO"] = "1"
        house: House | None = None
        try:
            house = House(settings.BASE_DIR / ".local" / "demo", options["port"])
            self._run(house)
        except (Stopped, KeyboardInterrupt):
            self.stdout.write("\nstopping")
        except (ServerFailed, subprocess.CalledProcessError) as error:
            raise CommandError(str(error)) from error
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if house is not None:
                house.stop()

    def _run(self, house: House) -> None:
        house.start_servers()
        house.start_sandbox()
        house.manage("migrate", "--database", "owner", "--verbosity", "0")
        house.start_programs()
        if "seed_demo" in get_commands():
            house.manage("seed_demo")
        house.wait_until_ready()
        self.stdout.write(f"messages and test payments: {house.sandbox_address}/")
        self.stdout.write(f"ready: {house.address}/")
        self.stdout.flush()
        while not (ended := house.ended()):
            time.sleep(0.5)
        sys.stderr.write(house.log(ended).read_text(errors="replace")[-3000:])
        raise CommandError(f"{ended} ended by itself; its log is {house.log(ended)}")


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Stopped
