"""The gateway for the sandbox, which is payment provider and telephone in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments.keypads.base import (
    CaptureAct,
    Delivery,
    Field,
    KeypadGateway,
    KeypadManifest,
    KeypadNews,
    Progress,
)
from payments.providers.base import Absent, Lookup
from payments.providers.errors import ProviderRejected, WebhookUnusable
from payments.providers.sandbox.adapter import SIGNATURE_HEADER
from payments.providers.sandbox.connection import Connection
from payments.providers.sandbox.snapshots import readable, snapshot_of
from payments.providers.signatures import signed_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payments.keypads.base import FindCapture, StartCapture
    from payments.providers.base import Snapshot

CODES = frozenset({"unknown_card", "expired", "too_short"})
TELLS = "keypad."


class SandboxKeypad(KeypadGateway):
    """The keypad of a sandbox. Credentials: base_url, api_key, webhook_secret."""

    manifest = KeypadManifest(
        kind="sandbox",
        name="Sandbox",
        fields=(Field.CARD_NUMBER, Field.EXPIRY, Field.SECURITY_CODE),
        credentials=("base_url", "api_key", "webhook_secret"),
        names="payment",
        charges_at=frozenset({"sandbox"}),
        masks_tones=False,
        hears_dialled_calls=True,
        lookup=Lookup.BY_OUR_ID,
        consistent_after_s=1,
        longest_request_s=30,
        is_for_training=True,
    )

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        super().__init__(credentials, timeout_s=timeout_s)
        self._connection = Connection(
            credentials["base_url"], credentials["api_key"], timeout_s=timeout_s
        )

    def start(self, request: StartCapture) -> Snapshot:
        data = {
            "our_id": request.attempt_id,
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "description": request.description,
            "call": request.call,
            "callback_url": request.callback_url,
        }
        return snapshot_of(self._connection.post("/v1/keypads", data, key=request.key))

    def ask(self, request: CaptureAct) -> Snapshot:
        field = request.field.value if request.field else ""
        return self._act("ask", request, {"field": field, "callback_url": request.callback_url})

    def confirm(self, request: CaptureAct) -> Snapshot:
        return self._act("confirm", request, {"callback_url": request.callback_url})

    def cancel(self, request: CaptureAct) -> Snapshot:
        return self._act("hang_up", request, {})

    def find(self, request: FindCapture) -> Snapshot | Absent:
        with readable():
            found = self._connection.get("/v1/payments", our_id=request.attempt_id)["data"]
            return snapshot_of(found[0]) if found else Absent()

    def parse(self, delivery: Delivery) -> KeypadNews | None:
        header = delivery.headers.get(SIGNATURE_HEADER, "")
        secret = self.credentials["webhook_secret"]
        event = signed_event(delivery.body, header, secret, delivery.received_at)
        kind, found = str(event.get("type", "")), event.get("keypad") or {}
        if not kind.startswith(TELLS):
            return None
        try:
            return _news(kind.removeprefix(TELLS), found)
        except (AttributeError, TypeError, ValueError) as error:
            raise WebhookUnusable("", "The event tells nothing we know.") from error

    def _act(self, act: str, request: CaptureAct, data: Mapping[str, Any]) -> Snapshot:
        if not request.reference:
            raise ProviderRejected("The sandbox never knew this capture.", code="not_found")
        path = f"/v1/keypads/{request.reference}/{act}"
        return snapshot_of(self._connection.post(path, data, key=request.key))


def _news(told: str, found: Mapping[str, Any]) -> KeypadNews:
    code = str(found.get("code", ""))
    return KeypadNews(
        progress=Progress(told),
        field=Field(found["field"]) if found.get("field") else None,
        digits=min(int(found.get("digits", 0)), 19),
        code=code if code in CODES else "",
    )
