"""What is measured inside of a Django process. Each module answers one line of JSON."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import django

from bench import cpu

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


def seconds() -> float:
    """Processor time of this process and of the database."""
    return cpu.tree_seconds(int(os.environ["BENCH_POSTGRES"])) + time.process_time()


def answer(found: Any) -> None:
    print(json.dumps(found, default=str))
