"""Make a large installation's data, for the benchmarks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.models import Customer
from payments import demo, scale

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Make customers and paid history in bulk, facts and postings included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=1_000_000)
        parser.add_argument("--payments", type=int, default=1_000_000)
        parser.add_argument("--heaviest", type=int, default=10_000, help="payments of one customer")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse (CommandError) outside of a demo, and where there are customers already."""
        if not settings.KUITTI_DEMO:
            raise CommandError("seed_scale runs only where KUITTI_DEMO is on.")
        if Customer.objects.exists():
            raise CommandError("seed_scale needs a database without customers.")
        started = time.monotonic()
        scale.seed_scale(
            customers=options["customers"],
            payments=options["payments"],
            heaviest=min(options["heaviest"], options["payments"]),
            account=demo.make_account(),
        )
        self.stdout.write(
            f"{options['customers']} customers and {options['payments']} payments"
            f" in {time.monotonic() - started:.0f} s"
        )
