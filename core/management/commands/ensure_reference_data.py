"""Make the rows that must exist."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core import reference


class Command(BaseCommand):
    """Runs after each migration by itself; by hand after a restore. Safe to repeat."""

    help = "Make the ledger accounts, limits and error map that are missing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        reference.ensure_reference_data()
