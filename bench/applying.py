"""Row 2: from the receipt of an event to the ledger, in batches, with a provider that answers."""

from __future__ import annotations

import json
import time
import urllib.request
from itertools import batched
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.load import fire
from bench.rows import Row, limited
from bench.webhook import delivery

if TYPE_CHECKING:
    from bench.site import Site

PAYMENTS = 200
PER_SECOND = 50
PACED_PAYMENTS, WARM_UP = 300, 20
LATENCIES_MS = (0, 250)
MOST_SECONDS = 60
LAG = """
    SELECT extract(epoch FROM percentile_disc(0.99)
                   WITHIN GROUP (ORDER BY finished_at - received_at))
      FROM payments_webhookevent WHERE id > {last}
"""
# What was received before is about payments that no provider knows.
EMPTY = "UPDATE payments_webhookevent SET state = 'done', error = '' WHERE state <> 'done'"
WAITING = "SELECT count(*) FROM payments_webhookevent WHERE state IN ('received', 'claimed')"


def measure(site: Site, rounds: int) -> list[Row]:
    """Receive, drain, and add up; then the queue alone; then a worker beside the stream."""
    site.sql(EMPTY)
    site.start_sandbox()
    told = [_round(site) for _ in range(rounds)]
    counted = _round(site, "statements")
    queue = site.ask("queueing")
    lags = _lags(site)
    site.stop_part("sandbox")
    total = median(one["receipt_ms"] + one["ms"] for one in told)
    parts = "receipt {:.2f} + apply {:.2f}, provider's client apart {:.2f}".format(
        *(median(one[name] for one in told) for name in ("receipt_ms", "ms", "client_ms"))
    )
    return [
        limited("event to ledger: CPU", total, 8, unit="ms", anchor=parts),
        limited("event to ledger: statements", counted["statements"], 16, unit=""),
        limited(
            "event to ledger: queueing", median(queue["ms"]), 0.4, unit="ms", anchor="Celery 4.1"
        ),
        *(
            limited(f"applied at {PER_SECOND}/s, provider {latency} ms: lag p99", lag, 2, unit="s")
            for latency, lag in lags.items()
        ),
    ]


def _round(site: Site, mode: str = "") -> dict[str, Any]:
    payments = site.ask("paid", PAYMENTS)["payments"]
    first, *others = batched(_deliveries(site, payments), WARM_UP)
    fire(site.port, first).expect(200)
    messages = [one for some in others for one in some]
    before = site.seconds("web")
    fire(site.port, messages).expect(200)
    receipt = (site.seconds("web") - before) / len(messages) * 1000
    found: dict[str, Any] = site.ask("drain", mode)
    if found["errors"]:
        raise RuntimeError(f"not applied: {found['errors']}")
    return {**found, "receipt_ms": receipt}


def _deliveries(site: Site, payments: list[list[str]]) -> list[bytes]:
    path, secret = f"/webhooks/{site.known['account']}/", site.known["secret"]
    return [delivery(path, secret, payment, our_id) for our_id, payment in payments]


def _lags(site: Site) -> dict[int, float]:
    """How long the last one in a hundred waits to be applied, in seconds, by the latency."""
    prepared = {it: site.ask("paid", PACED_PAYMENTS)["payments"] for it in LATENCIES_MS}
    warm_up = site.ask("paid", WARM_UP)["payments"]
    site.start_worker()
    _lag(site, warm_up)
    lags = {}
    for latency, payments in prepared.items():
        _slow_down(site, latency / 1000)
        lags[latency] = _lag(site, payments)
    site.stop_part("worker")
    return lags


def _lag(site: Site, payments: list[list[str]]) -> float:
    ((last,),) = site.rows("SELECT max(id) FROM payments_webhookevent")
    fire(site.port, _deliveries(site, payments), per_second=PER_SECOND).expect(200)
    deadline = time.monotonic() + MOST_SECONDS
    while site.rows(WAITING) != [(0,)]:
        if time.monotonic() > deadline:
            raise RuntimeError("The worker does not keep up at all.")
        time.sleep(0.5)
    ((lag,),) = site.rows(LAG.format(last=last))
    return float(lag)


def _slow_down(site: Site, seconds: float) -> None:
    """Let the provider take so long for every answer."""
    plan = {"rates": {"delay": 1.0 if seconds else 0.0}, "delay_s": seconds}
    address = f"{site.house.sandbox_address}/_faults"
    body, headers = json.dumps(plan).encode(), {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10).close()
