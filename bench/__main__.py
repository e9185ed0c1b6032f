"""Every benchmark against its floor: `python -m bench` ends with `bench: N rows, M short`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import applying, cpu, customer, ledger, search, taking, webhook
from bench.rows import draw
from bench.site import Site, scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rows import Row

CUSTOMERS, PAYMENTS = 100_000, 100_000
PARTS: dict[str, Callable[[Site, int], list[Row]]] = {
    "webhook": webhook.measure,
    "applying": applying.measure,
    "taking": taking.measure,
    "ledger": ledger.measure,
    "search": search.measure,
    "customer": customer.measure,
}


def main() -> int:
    """Measure what is asked for, print the table, and return how many rows are short."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, if none is named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, help="keep the data here for another run")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kuitti-bench-"))
    site = Site(home, is_kept=options.home is not None)
    rows: list[Row] = []
    try:
        site.start()
        site.seed(round(CUSTOMERS * scale()), round(PAYMENTS * scale()))
        print(f"bench: {(site.house.home / 'seeded').read_text()}; {cpu.machine()}", flush=True)
        for name in options.parts or PARTS:
            # What one part wrote is tidied up before the next, which would else be charged for it.
            site.settle()
            rows += PARTS[name](site, options.rounds)
            print(draw(rows), flush=True)
    finally:
        site.stop()
    short = sum(row.is_short for row in rows)
    print(f"bench: {len(rows)} rows, {short} short")
    return short


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
