"""`manage.py demo`: the whole house with believable data, until Ctrl-C."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from config import demo

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, the sandbox, web, worker and clock, with data to try."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, **options: Any) -> None:
        """Run until a signal; leave no process behind. Fails when a part of the house ends."""
        sys.exit(demo.run(options["port"]))
