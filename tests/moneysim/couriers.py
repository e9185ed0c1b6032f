"""Webhooks on their way: late, twice, out of order, lost, or forged."""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.moneysim.provider import SIGNATURE, body_of
from tests.moneysim.snapshots import snapshot_of

if TYPE_CHECKING:
    from tests.moneysim.bank import Movement, Payment
    from tests.moneysim.provider import Door
    from tests.moneysim.web import Web

TRIES_AFTER_S = (0, 5, 60, 600, 3_600, 3_600, 3_600)
SETTLES_WITHIN_S = 3_600.0


class Courier:
    """Carries one provider's news to the product."""

    def __init__(self, door: Door, web: Web, account: str, secret: str) -> None:
        self.door = door
        self.web = web
        self.secret = secret
        self.path = f"/webhooks/{account}/"
        self.delivered: set[str] = set()
        self.believed_forgeries: list[str] = []
        self._count = 0
        door.bank.tell = self.tell
        door.bank.settle_later = self.settle_later

    def tell(self, payment: Payment, *, surely: bool = False) -> None:
        """Send what has just changed. What only a webhook tells is never lost on the way."""
        faults, kernel = self.door.faults, self.door.kernel
        self._count += 1
        event_id = f"{self.door.manifest.kind}_evt_{self._count}"
        self.door.said[event_id] = snapshot_of(payment, self.door.bank)
        body = body_of(event_id, payment)
        if faults.hit("webhook_forged"):
            carry = partial(self._forge, event_id, body)
            kernel.spawn("forger", carry, after=faults.delay(), can_crash=False)
        if faults.hit("webhook_lost") and not surely:
            return
        for _ in range(2 if faults.hit("webhook_twice") else 1):
            after = faults.delay() if faults.hit("webhook_late") else faults.delay(0.5)
            carry = partial(self._carry, event_id, body)
            kernel.spawn("courier", carry, after=after, can_crash=False)

    def settle_later(self, payment: Payment, movement: Movement) -> None:
        """Let a refund become final after a while."""
        kernel, faults = self.door.kernel, self.door.faults
        act = partial(self.door.bank.settle, payment, movement)
        kernel.spawn("settler", act, after=faults.delay(SETTLES_WITHIN_S), can_crash=False)

    def _carry(self, event_id: str, body: bytes) -> None:
        for wait in TRIES_AFTER_S:
            self.door.kernel.sleep(wait)
            headers = {SIGNATURE: self._signature(body, self.secret)}
            answer = self.web.ask("webhook", "POST", self.path, body, headers)
            if answer is not None and answer.status == 200:
                self.delivered.add(event_id)
                return

    def _forge(self, event_id: str, body: bytes) -> None:
        """Somebody else says the same, or more, without the secret."""
        forged = body.replace(b'"amount": 1', b'"amount": 999999')
        for number, secret in enumerate(("", "guessed")):
            body = forged.replace(event_id.encode(), f"{event_id}_{number}".encode())
            self.door.said[f"{event_id}_{number}"] = self.door.said[event_id]
            headers = {SIGNATURE: self._signature(body, secret)} if secret else {}
            answer = self.web.ask("webhook", "POST", self.path, body, headers)
            if answer is not None and answer.status == 200:
                self.believed_forgeries.append(f"{event_id}_{number}")

    @staticmethod
    def _signature(body: bytes, secret: str) -> str:
        at = int(time.time())
        digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"
