"""Derive every status, balance and ledger sum again and compare."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.services.verifying import differences


class Command(BaseCommand):
    help = "Derive all money again from its facts. Prints each difference; exits 1 if any."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print a line for each difference, and refuse (CommandError) where there is one."""
        found = 0
        for difference in differences():
            found += 1
            self.stdout.write(difference)
        if found:
            raise CommandError(f"verify_money: {found} differences")
        self.stdout.write("verify_money: no difference")
