"""Row 3a and 3b: finding a customer as an agent types, through the page, signed in."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench.load import fire, percentile, request
from bench.rows import Row, limited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.site import Site

STOCK_TERMS = 6


def measure(site: Site, rounds: int) -> list[Row]:
    """Type every term once a round, one after the other."""
    terms = site.ask("terms")
    cookies = site.ask("signing_in")
    return [row for kind in terms for row in _rows(site, rounds, kind, terms[kind], cookies)]


def _rows(
    site: Site, rounds: int, kind: str, terms: Sequence[str], cookies: dict[str, str]
) -> list[Row]:
    messages = [typed(term, cookies) for term in terms]
    _round(site, messages)
    told = [_round(site, messages) for _ in range(rounds)]
    cpu = median(cost for cost, _ in told)
    wait = median(wait for _, wait in told)
    stock = site.ask("stock", json.dumps(terms[:STOCK_TERMS]))["ms"]
    anchor = f"any part of any column {stock:.0f} ms"
    if kind == "name":
        return [limited("search by name: p95", wait, 50, unit="ms", anchor=anchor)]
    return [
        limited(f"search by {kind}: CPU", cpu, 5, unit="ms", anchor=anchor),
        limited(f"search by {kind}: p95", wait, 15, unit="ms"),
    ]


def _round(site: Site, messages: Sequence[bytes]) -> tuple[float, float]:
    """Processor time a request, and the wait of the twentieth, in milliseconds."""
    before = site.seconds("web")
    answers = fire(site.port, messages, connections=1)
    answers.expect(200)
    used = site.seconds("web") - before
    return used / len(messages) * 1000, percentile(answers.waits, 0.95) * 1000


def typed(term: str, cookies: dict[str, Any]) -> bytes:
    """The box asks for what it holds, as htmx sends it."""
    headers = {
        **cookies,
        "Content-Type": "application/x-www-form-urlencoded",
        "HX-Request": "true",
    }
    return request("POST", "/search/", urlencode({"term": term}).encode(), headers)
