"""Signs what happened and delivers it, until the receiver says 2xx or the tries are used up."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sqlite3 import Row

    from payments.sandbox.faults import Faults
    from payments.sandbox.store import Store

SIGNATURE_HEADER = "sandbox-signature"
LANES = 8
TIMEOUT_S = 10
MOST_TRIES = 14
LONGEST_WAIT_S = 60
IDLE_S = 0.05


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the header's value: HMAC-SHA-256 over the instant, a dot and the raw body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Sender:
    """Delivers pending events in the background, a few at a time, oldest first."""

    def __init__(self, store: Store, faults: Faults, *, url: str, secret: str) -> None:
        self.store = store
        self.faults = faults
        self.url = store.option("webhook_url") or url
        self.secret = secret
        self._lanes = ThreadPoolExecutor(LANES, "webhook")

    def listen_at(self, url: str) -> None:
        """Deliver to another address from now on, also after a restart.

        What happened while nobody listened is not told.
        """
        if not self.url:
            self.store.run(
                "UPDATE event SET state = 'unheard' WHERE state = 'pending' AND url = ''"
            )
        self.url = url
        self.store.set_option("webhook_url", url)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            due = self._due()
            if due:
                await asyncio.gather(*(self._deliver(row) for row in due))
            else:
                await asyncio.sleep(IDLE_S)

    def deliveries(self, payment: str = "") -> list[dict[str, Any]]:
        """Return every event with its body and a fresh signature, as a test would receive it."""
        rows = self.store.rows("SELECT * FROM event WHERE ? IN ('', payment) ORDER BY seq", payment)
        return [
            {
                "body": row["body"],
                "signature": sign(row["body"].encode(), self.secret, int(time.time())),
                "payment": row["payment"],
                "state": row["state"],
                "url": row["url"],
            }
            for row in rows
        ]

    def _due(self) -> list[Row]:
        return self.store.rows(
            "SELECT * FROM event WHERE state = 'pending' AND due_at <= ? AND (? <> '' OR url <> '')"
            " ORDER BY due_at LIMIT ?",
            time.time(),
            self.url,
            LANES,
        )

    async def _deliver(self, row: Row) -> None:
        payment = self.store.payment(row["payment"])
        fault = self.faults.draw_webhook(payment.amount)
        if fault == "webhook_drop":
            self._settle(row, "dropped")
            return
        if fault in {"webhook_reorder", "webhook_delay"}:
            wait_s = self.faults.jitter() if fault == "webhook_reorder" else self.faults.delay_s
            self._again(row, wait_s)
            return
        body = self._stale(row) if fault == "webhook_stale" else row["body"]
        secret = "not-the-secret" if fault == "webhook_bad_signature" else self.secret
        copies = 2 if fault == "webhook_duplicate" else 1
        url = row["url"] or self.url
        arrived = [await self._post(url, body.encode(), secret) for _ in range(copies)]
        if all(arrived):
            self._settle(row, "delivered")
        elif row["tries"] + 1 >= MOST_TRIES:
            self._settle(row, "given_up")
        else:
            self._again(row, min(LONGEST_WAIT_S, 0.5 * 2 ** row["tries"]), tried=1)

    async def _post(self, url: str, body: bytes, secret: str) -> bool:
        signature = sign(body, secret, int(time.time()))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._lanes, post, url, body, signature)

    def _stale(self, row: Row) -> str:
        """Tell the event as it would have been told when the payment was first opened."""
        stale: dict[str, Any] = json.loads(row["body"]) | {"status": "open", "version": 1}
        return json.dumps(stale)

    def _settle(self, row: Row, state: str) -> None:
        self.store.run("UPDATE event SET state = ? WHERE seq = ?", state, row["seq"])

    def _again(self, row: Row, wait_s: float, *, tried: int = 0) -> None:
        self.store.run(
            "UPDATE event SET due_at = ?, tries = tries + ? WHERE seq = ?",
            time.time() + wait_s,
            tried,
            row["seq"],
        )


def post(url: str, body: bytes, signature: str) -> bool:
    """POST one body and say whether the receiver took it."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {"content-type": "application/json", SIGNATURE_HEADER: signature}
    with closing(kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)) as connection:
        try:
            connection.request("POST", parts.path or "/", body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
    return status // 100 == 2  # noqa: PLR2004
