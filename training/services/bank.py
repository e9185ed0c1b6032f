"""The other side of the sandbox: its faults, its dashboard, and its news, as its staff has them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from core import locks, signatures

if TYPE_CHECKING:
    from payments.models import ProviderAccount

TIMEOUT_S = 5.0
SIGNATURE_HEADER = "sandbox-signature"


class BankFailed(Exception):
    """The sandbox did not take what was asked for."""


@dataclass
class Bank:
    """The sandbox of one account for practice. Never used inside a transaction."""

    account: ProviderAccount

    def go_wrong(self, plan: dict[str, Any]) -> None:
        """Plan a fault. A plan with a name is made once."""
        self._send("POST", "/_faults", json={"next": [plan]})

    def refund(self, payment: str, minor: int) -> None:
        """Give money back in the dashboard, once."""
        known = self._send("GET", f"/v1/payments/{payment}").json()
        if not known["refunds"]:
            self._send("POST", f"/dashboard/payments/{payment}/refund", data={"amount": minor})

    def tell(self, event_id: str, payment: str) -> None:
        """Send news of a payment to our own door, signed, under an id of the script’s."""
        body = json.dumps(
            {"id": event_id, "type": "payment.captured", "payment": payment, "created": time.time()}
        ).encode()
        credentials = self.account.credentials
        header = signatures.sign(body, credentials["webhook_secret"])
        headers = {"content-type": "application/json", SIGNATURE_HEADER: header}
        self._send("POST", credentials["notify_url"], content=body, headers=headers)

    def _send(self, method: str, address: str, **more: Any) -> httpx.Response:
        locks.assert_no_transaction()
        credentials = self.account.credentials
        headers = {"authorization": f"Bearer {credentials['api_key']}", **more.pop("headers", {})}
        try:
            with httpx.Client(base_url=credentials["base_url"], trust_env=False) as http:
                answer = http.request(method, address, headers=headers, timeout=TIMEOUT_S, **more)
        except httpx.RequestError as error:
            raise BankFailed(type(error).__name__) from error
        if answer.is_error:
            raise BankFailed(f"HTTP {answer.status_code}")
        return answer
