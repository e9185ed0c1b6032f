"""Check every seal against the rows it was made of."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from core import seals
from core.models import Seal

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_PRINTED = 50


class Command(BaseCommand):
    """Names the first range of rows that was changed after it was sealed, and ends with 1."""

    help = "Check ledger, payment events and audit against their seals. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", default="", help="a seal's HMAC that was kept elsewhere")

    def handle(self, *_args: Any, head: str, **_options: Any) -> None:
        findings = list(islice(seals.verify(head), MOST_PRINTED))
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(f"tampered: {findings[0]}")
        newest = Seal.objects.order_by("-pk").first()
        self.stdout.write(
            f"verify_seals: {newest.pk} seals hold, head {newest.mac}"
            if newest
            else "verify_seals: nothing is sealed yet"
        )
