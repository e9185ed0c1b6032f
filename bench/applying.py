"""Row 2: from the receipt of an event to the ledger, in batches, with a provider that answers."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from bench.load import fire
from bench.rows import Row, limited
from bench.webhook import delivery

if TYPE_CHECKING:
    from bench.site import Site

PAYMENTS = 200


def measure(site: Site, rounds: int) -> list[Row]:
    """Receive, drain, and add up; then the queue alone."""
    site.start_sandbox()
    told = [_round(site) for _ in range(rounds)]
    counted = _round(site, "statements")
    queue = site.ask("queueing")
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
    ]


def _round(site: Site, mode: str = "") -> dict[str, Any]:
    payments = site.ask("paid", PAYMENTS)["payments"]
    path, secret = f"/webhooks/{site.known['account']}/", site.known["secret"]
    messages = [delivery(path, secret, payment, our_id) for our_id, payment in payments]
    before = site.seconds("web")
    fire(site.port, messages).expect(200)
    receipt = (site.seconds("web") - before) / len(messages) * 1000
    found: dict[str, Any] = site.ask("drain", mode)
    if found["errors"]:
        raise RuntimeError(f"not applied: {found['errors']}")
    return {**found, "receipt_ms": receipt}
