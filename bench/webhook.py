"""Row 1: taking deliveries in, with the provider's API down and one in ten sent twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from bench.load import fire, percentile, request
from bench.rows import Row, against_floor, limited

if TYPE_CHECKING:
    from bench.site import Site

EVENTS = 800
REPEATED = 10
PER_SECOND = 50
PACED_EVENTS = 200


def measure(site: Site, rounds: int) -> list[Row]:
    """Alternate rounds of ours and of the floor; then what one event costs in statements."""
    ours, floors = [], []
    for _ in range(rounds):
        floors.append(_round(site, "floor"))
        ours.append(_round(site, "web"))
    kept = site.rows("SELECT count(*), count(DISTINCT event_id) FROM payments_webhookevent")[0]
    told = site.ask("statements", "webhook")
    our_waits, floor_waits = [], []
    for _ in range(rounds):
        floor_waits.append(_paced(site, "floor"))
        our_waits.append(_paced(site, "web"))
    return [
        against_floor("webhook: CPU an event", ours, floors, 2.0),
        limited("webhook: statements", told["statements"], 1, unit="", anchor="dj-stripe 7"),
        limited("webhook: kept twice", kept[0] - kept[1], 0, unit="events"),
        against_floor(f"webhook: p99 at {PER_SECOND}/s", our_waits, floor_waits, 2.0),
    ]


def _round(site: Site, name: str) -> float:
    messages = deliveries(site, name, EVENTS)
    messages += messages[::REPEATED]
    before = site.seconds(name)
    fire(_port(site, name), messages).expect(200)
    return (site.seconds(name) - before) / len(messages) * 1000


def _paced(site: Site, name: str) -> float:
    messages = deliveries(site, name, PACED_EVENTS)
    answers = fire(_port(site, name), messages, per_second=PER_SECOND)
    answers.expect(200)
    return percentile(answers.waits, 0.99) * 1000


def _port(site: Site, name: str) -> int:
    return site.port if name == "web" else site.floor_port


def deliveries(site: Site, name: str, count: int) -> list[bytes]:
    """Signed deliveries about payments that nobody asked for, as a provider sends them."""
    known = site.known
    path = f"/webhooks/{known['account']}/"
    if name == "floor":
        path = f"/webhook?account={known['account_pk']}"
    return [
        delivery(path, known["secret"], f"py_{uuid.uuid4().hex}", f"pa_{uuid.uuid4().hex[:26]}")
        for _ in range(count)
    ]


def delivery(path: str, secret: str, payment: str, our_id: str) -> bytes:
    """One signed event."""
    event: dict[str, Any] = {
        "id": f"evt_{uuid.uuid4().hex}",
        "type": "payment.updated",
        "created": time.time(),
        "payment": payment,
        "our_id": our_id,
        "status": "succeeded",
        "amount": 4990,
        "currency": "EUR",
        "version": 3,
    }
    body = json.dumps(event).encode()
    at = int(time.time())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Sandbox-Signature": f"t={at},v1={mac}"}
    return request("POST", path, body, headers)
