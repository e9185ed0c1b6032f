"""Row 3: taking a payment over the API, for one invoice, with everything that belongs to it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from bench.load import fire, percentile, request
from bench.rows import Row, against_floor, limited

if TYPE_CHECKING:
    from bench.site import Site

PAYMENTS = 400
PER_SECOND = 50
PACED_PAYMENTS = 200


def measure(site: Site, rounds: int) -> list[Row]:
    """Alternate rounds of ours and of the floor, then count statements."""
    ours, floors = [], []
    for turn in range(rounds):
        floors.append(_round(site, "floor", turn))
        ours.append(_round(site, "web", turn))
    told = site.ask("statements", "pay")
    our_waits, floor_waits = [], []
    for _ in range(rounds):
        floor_waits.append(_paced(site, "floor"))
        our_waits.append(_paced(site, "web"))
    return [
        against_floor("payment over the API: CPU", ours, floors, 5.0),
        limited(
            "payment over the API: statements", told["statements"], 8, unit="", anchor="DRF 11"
        ),
        against_floor(f"payment over the API: p95 at {PER_SECOND}/s", our_waits, floor_waits, 3.0),
    ]


def _round(site: Site, name: str, turn: int) -> float:
    messages = payments(site, name, PAYMENTS, turn)
    before = site.seconds(name)
    fire(_port(site, name), messages).expect(201)
    return (site.seconds(name) - before) / len(messages) * 1000


def _paced(site: Site, name: str) -> float:
    answers = fire(
        _port(site, name), payments(site, name, PACED_PAYMENTS, 0), per_second=PER_SECOND
    )
    answers.expect(201)
    return percentile(answers.waits, 0.95) * 1000


def _port(site: Site, name: str) -> int:
    return site.port if name == "web" else site.floor_port


def payments(site: Site, name: str, count: int, turn: int) -> list[bytes]:
    """Requests for open invoices, each of another customer."""
    payable = site.known["payable"]
    start = turn * count % max(1, len(payable) - count)
    found = []
    for customer, invoice, amount, _ in payable[start : start + count]:
        body = {
            "customer": customer,
            "invoices": [invoice],
            "amount": amount,
            "currency": "EUR",
        }
        headers = {
            "Authorization": f"Bearer {site.known['key']}",
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        path = "/api/v1/payment-intents" if name == "web" else "/pay"
        found.append(request("POST", path, json.dumps(body).encode(), headers))
    return found
