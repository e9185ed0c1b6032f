"""The adapter for the sandbox: the plainest example of how a provider is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments.providers.base import Absent, OperationKind, Provider, Reference, WebhookNotice
from payments.providers.errors import ProviderRejected, WebhookUnusable
from payments.providers.sandbox.connection import Connection
from payments.providers.sandbox.errors import ERRORS
from payments.providers.sandbox.manifest import MANIFEST
from payments.providers.sandbox.snapshots import instant, line_of, readable, snapshot_of
from payments.providers.signatures import signed_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from payments.providers.base import (
        BalanceTransaction,
        CancelRequest,
        CaptureRequest,
        ChargeSavedMethod,
        ClearTerminal,
        CloseCheckout,
        CreateCheckout,
        FetchRequest,
        FindRequest,
        PushToTerminal,
        RefundRequest,
        Snapshot,
    )

NOT_FOUND = "not_found"
SIGNATURE_HEADER = "sandbox-signature"


class Sandbox(Provider):
    """One account at the sandbox. Credentials: base_url, api_key, webhook_secret.

    And notify_url, where the news of its payments is to go elsewhere than that of the others.
    """

    manifest = MANIFEST
    errors = ERRORS

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        super().__init__(credentials, timeout_s=timeout_s)
        self._connection = Connection(
            credentials["base_url"], credentials["api_key"], timeout_s=timeout_s
        )

    def create_checkout(self, request: CreateCheckout) -> Snapshot:
        data = {
            "our_id": request.attempt_id,
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "method": request.method,
            "description": request.description,
            "language": request.language,
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
            "expires_at": request.expires_at.timestamp(),
            "customer": request.customer_token,
            "save_method": request.save_method,
            "manual_capture": request.manual_capture,
            "entry": request.entry.value,
            "notify_url": self.credentials.get("notify_url", ""),
        }
        return self._change("/v1/checkouts", data, request.key)

    def charge_saved_method(self, request: ChargeSavedMethod) -> Snapshot:
        data = {
            "our_id": request.attempt_id,
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "token": request.token,
            "customer": request.customer_token,
            "description": request.description,
            "off_session": request.is_off_session,
            "notify_url": self.credentials.get("notify_url", ""),
        }
        return self._change("/v1/charges", data, request.key)

    def capture(self, request: CaptureRequest) -> Snapshot:
        data = {"our_id": request.capture_id, "amount": request.amount.minor}
        return self._change(f"{path_of(request.references)}/captures", data, request.key)

    def cancel(self, request: CancelRequest) -> Snapshot:
        data = {"our_id": request.cancellation_id, "amount": request.amount.minor}
        return self._change(f"{path_of(request.references)}/cancellations", data, request.key)

    def refund(self, request: RefundRequest) -> Snapshot:
        data = {
            "our_id": request.refund_id,
            "amount": request.amount.minor,
            "capture": reference_of(request.capture_references, "capture"),
        }
        return self._change(f"{path_of(request.references)}/refunds", data, request.key)

    def close_checkout(self, request: CloseCheckout) -> Snapshot:
        return self._change(f"{path_of(request.references)}/close", {}, request.key)

    def push_to_terminal(self, request: PushToTerminal) -> Snapshot:
        data = {
            "our_id": request.attempt_id,
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "description": request.description,
        }
        return self._change(f"/v1/terminals/{request.terminal}/process", data, request.key)

    def clear_terminal(self, request: ClearTerminal) -> Snapshot:
        data = {"payment": reference_of(request.references, "payment")}
        return self._change(f"/v1/terminals/{request.terminal}/cancel", data, request.key)

    def fetch(self, request: FetchRequest) -> Snapshot | Absent:
        if not reference_of(request.references, "payment"):
            return self._find_attempt(request.attempt_id)
        try:
            return snapshot_of(self._connection.get(path_of(request.references)))
        except ProviderRejected as rejected:
            if rejected.code == NOT_FOUND:
                return Absent()
            raise

    def find(self, request: FindRequest) -> Snapshot | Absent:
        found = self._find_attempt(request.attempt_id)
        if isinstance(found, Absent) or _has_trace(found, request):
            return found
        return Absent()

    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str], *, received_at: datetime | None = None
    ) -> WebhookNotice:
        header = headers.get(SIGNATURE_HEADER, "")
        event = signed_event(body, header, self.credentials["webhook_secret"], received_at)
        event_id = str(event.get("id", ""))
        if not event.get("payment"):
            raise WebhookUnusable(event_id, "The event is about no payment.")
        return WebhookNotice(
            event_id=event_id,
            kind=str(event.get("type", "")),
            references=(Reference("payment", str(event["payment"])),),
            our_id=str(event.get("our_id", "")),
            occurred_at=instant(event["created"]) if "created" in event else None,
        )

    def balance_transactions(self, since: datetime) -> Iterator[BalanceTransaction]:
        after, has_more = 0, True
        while has_more:
            page = self._connection.get(
                "/v1/balance_transactions", since=str(since.timestamp()), after=str(after)
            )
            for line in page["data"]:
                yield line_of(line)
                after = line["seq"]
            has_more = page["more"]

    def _change(self, path: str, data: dict[str, Any], key: str) -> Snapshot:
        return snapshot_of(self._connection.post(path, data, key=key))

    def _find_attempt(self, attempt_id: str) -> Snapshot | Absent:
        with readable():
            found = self._connection.get("/v1/payments", our_id=attempt_id)["data"]
            return snapshot_of(found[0]) if found else Absent()


def path_of(references: tuple[Reference, ...]) -> str:
    """Return the payment's address. Raises ProviderRejected where the attempt has none."""
    payment = reference_of(references, "payment")
    if not payment:
        raise ProviderRejected("The sandbox never knew this attempt.", code=NOT_FOUND)
    return f"/v1/payments/{payment}"


def reference_of(references: tuple[Reference, ...], kind: str) -> str:
    return next((one.value for one in references if one.kind == kind), "")


def _has_trace(snapshot: Snapshot, request: FindRequest) -> bool:
    """Say whether the operation left its mark on what the sandbox knows."""
    match request.kind:
        case OperationKind.CAPTURE:
            subjects = snapshot.captures
        case OperationKind.CANCEL:
            subjects = snapshot.cancellations
        case OperationKind.REFUND:
            subjects = snapshot.refunds
        case OperationKind.CLOSE_SESSION:
            return snapshot.attempt.status != "pending"
        case _:
            return True
    return any(news.our_id == request.subject_id for news in subjects)
