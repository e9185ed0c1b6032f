"""Row 3c: the customer's page, for a customer with ten thousand payments and for any other."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.load import fire, percentile, request
from bench.rows import Row, limited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.site import Site

LOOKS = 100


def measure(site: Site, rounds: int) -> list[Row]:
    """Count statements, then look at the busiest customer and at others in turns."""
    told = site.ask("pages")
    busy, quiet = told["busy"], told["quiet"]
    sides = {"busy": [busy["path"]] * LOOKS, "any": told["others"]}
    cookies = site.ask("signing_in")
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in sides}
    for turn in range(rounds + 1):
        for name, paths in sides.items():
            figures = _round(site, paths, cookies)
            if turn:
                found[name].append(figures)
    differs = sum(a != b for a, b in zip(busy["statements"], quiet["statements"], strict=True))
    return [
        limited("customer page: statements", max(busy["statements"]), 12, unit=""),
        limited("customer page: of the customer's data", busy["own"], 8, unit=""),
        limited(
            "customer page: tabs that ask more with more payments",
            differs,
            0,
            unit="",
            anchor=f"{quiet['payments']} payments and {busy['payments']}",
        ),
        *(row for name in sides for row in _rows(name, found[name])),
    ]


def _rows(name: str, rounds: Sequence[tuple[float, float, float]]) -> list[Row]:
    database, whole, wait = (median(column) for column in zip(*rounds, strict=True))
    return [
        limited(
            f"customer page, {name}: CPU of SQL",
            database,
            15,
            unit="ms",
            anchor=f"the whole page {whole:.1f} ms",
        ),
        limited(f"customer page, {name}: p95", wait, 150, unit="ms"),
    ]


def _round(site: Site, paths: Sequence[str], cookies: dict[str, str]) -> tuple[float, float, float]:
    """Processor time of the database and of all for a page, and the slowest, in milliseconds."""
    messages = [request("GET", path, headers=cookies) for path in paths]
    database, whole = site.seconds(), site.seconds("web")
    answers = fire(site.port, messages, connections=1)
    answers.expect(200)
    spent = [site.seconds() - database, site.seconds("web") - whole]
    of_sql, of_all = (seconds / len(paths) * 1000 for seconds in spent)
    return of_sql, of_all, percentile(answers.waits, 0.95) * 1000
