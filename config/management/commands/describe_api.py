"""`manage.py describe_api`: what `docs/` says of the API, written from the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core import openapi, problem_catalogue

FOLDER = Path(settings.BASE_DIR) / "docs"
TABLE = re.compile(r"(?<=<!-- codes -->\n).*?(?=\n<!-- end of codes -->)", re.DOTALL)


class Command(BaseCommand):
    help = "Write docs/openapi.json, and the table of codes in docs/api.md."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Rewrite both files. Safe to repeat: the same code gives the same files."""
        del options
        for name, text in texts().items():
            (FOLDER / name).write_text(text)


def texts() -> dict[str, str]:
    """Give each file as it should be."""
    guide = (FOLDER / "api.md").read_text()
    table = problem_catalogue.table()
    return {
        "openapi.json": json.dumps(openapi.document(), indent=2, ensure_ascii=False) + "\n",
        "api.md": TABLE.sub(lambda _: table, guide),
    }
