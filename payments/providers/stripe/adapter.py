"""The adapter for Stripe, by Stripe's own client library."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import stripe

from payments.providers.base import Absent, News, OperationKind, Provider, Snapshot, SubjectKind
from payments.providers.errors import ProviderRejected
from payments.providers.stripe.errors import ERRORS
from payments.providers.stripe.lines import line_of
from payments.providers.stripe.manifest import MANIFEST
from payments.providers.stripe.outcomes import code_of, translated_errors
from payments.providers.stripe.parameters import (
    INTENT_DETAILS,
    UNDER_INTENT,
    capture_parameters,
    charge_parameters,
    checkout_parameters,
    refund_parameters,
    terminal_parameters,
)
from payments.providers.stripe.reading import Reading
from payments.providers.stripe.snapshots import readable, refund_news
from payments.providers.stripe.webhooks import notice_of

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
        Reference,
        RefundRequest,
        WebhookNotice,
    )

NO_REFERENCE = "resource_missing"
CONFIRMATION = "confirmation"


class Stripe(Provider):
    """One Stripe account. Stripe, too, counts in minor units; `currencies` has the exceptions.

    Credentials: api_key, webhook_secret, and api_base where it is not Stripe's own address.
    """

    manifest = MANIFEST
    errors = ERRORS

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        super().__init__(credentials, timeout_s=timeout_s)
        base = credentials.get("api_base")
        self._client = stripe.StripeClient(
            credentials["api_key"],
            base_addresses={"api": base} if base else {},
            http_client=stripe.RequestsClient(timeout=timeout_s),
            max_network_retries=0,
        )
        self._reading = Reading(self._client)

    def create_checkout(self, request: CreateCheckout) -> Snapshot:
        with translated_errors():
            session = self._client.v1.checkout.sessions.create(
                params=checkout_parameters(request), options={"idempotency_key": request.key}
            )
            return self._reading.snapshot_of_session(session.to_dict())

    def charge_saved_method(self, request: ChargeSavedMethod) -> Snapshot:
        with translated_errors():
            try:
                intent = self._client.v1.payment_intents.create(
                    params=charge_parameters(request), options={"idempotency_key": request.key}
                )
            except stripe.CardError as error:
                return self._declined(request, error)
            return self._reading.snapshot_of_intent(intent.to_dict())

    def capture(self, request: CaptureRequest) -> Snapshot:
        with translated_errors():
            intent = self._client.v1.payment_intents.capture(
                intent_id_of(request.references),
                params=capture_parameters(request),
                options={"idempotency_key": request.key},
            )
            return self._reading.snapshot_of_intent(intent.to_dict())

    def cancel(self, request: CancelRequest) -> Snapshot:
        with translated_errors():
            intent = self._client.v1.payment_intents.cancel(
                intent_id_of(request.references),
                params={"expand": list(INTENT_DETAILS)},
                options={"idempotency_key": request.key},
            )
            found = self._reading.snapshot_of_intent(intent.to_dict())
        # Stripe keeps no metadata of what it lets go; one payment lets go once.
        ours = tuple(replace(one, our_id=request.cancellation_id) for one in found.cancellations)
        return replace(found, cancellations=ours)

    def refund(self, request: RefundRequest) -> Snapshot:
        with translated_errors():
            made = self._client.v1.refunds.create(
                params=refund_parameters(request, intent_id_of(request.references)),
                options={"idempotency_key": request.key},
            )
            refund = made.to_dict()
            with readable():
                intent = dict(refund["payment_intent"])
            return with_refund(self._reading.snapshot_of_intent(intent), refund)

    def close_checkout(self, request: CloseCheckout) -> Snapshot:
        session_id = reference_of(request.references, "checkout_session")
        if not session_id:
            raise ProviderRejected("The attempt has no page at Stripe.", code=NO_REFERENCE)
        with translated_errors():
            try:
                session = self._client.v1.checkout.sessions.expire(
                    session_id,
                    params={"expand": list(UNDER_INTENT)},
                    options={"idempotency_key": request.key},
                )
            except stripe.InvalidRequestError:
                # Refused because it is paid or expired already? Then there is no page any more.
                found = self._reading.session(session_id)
                if isinstance(found, Absent) or found.page is not None:
                    raise
                return found
            return self._reading.snapshot_of_session(session.to_dict())

    def push_to_terminal(self, request: PushToTerminal) -> Snapshot:
        """Make a PaymentIntent and let the reader process it: two requests, a key each."""
        with translated_errors():
            made = self._client.v1.payment_intents.create(
                params=terminal_parameters(request), options={"idempotency_key": request.key}
            )
            self._client.v1.terminal.readers.process_payment_intent(
                request.terminal,
                params={"payment_intent": made.id},
                options={"idempotency_key": f"{request.key}-reader"},
            )
            found = self._reading.snapshot_of_intent(made.to_dict())
        return replace(found, step="card")

    def clear_terminal(self, request: ClearTerminal) -> Snapshot:
        """Free the reader, then the PaymentIntent. A card that is being read is left to end."""
        intent_id = intent_id_of(request.references)
        with translated_errors():
            self._client.v1.terminal.readers.cancel_action(
                request.terminal, options={"idempotency_key": f"{request.key}-reader"}
            )
            try:
                intent = self._client.v1.payment_intents.cancel(
                    intent_id,
                    params={"expand": list(INTENT_DETAILS)},
                    options={"idempotency_key": request.key},
                )
            except stripe.InvalidRequestError:  # Paid meanwhile? Then that is the answer.
                found = self._reading.intent(intent_id)
                if isinstance(found, Absent) or found.attempt.status == "pending":
                    raise
                return found
            return self._reading.snapshot_of_intent(intent.to_dict())

    def fetch(self, request: FetchRequest) -> Snapshot | Absent:
        with translated_errors():
            if session_id := reference_of(request.references, "checkout_session"):
                return self._reading.session(session_id)
            if intent_id := reference_of(request.references, "payment_intent"):
                return self._reading.intent(intent_id)
            if confirmation := reference_of(request.references, CONFIRMATION):
                return self._reading.confirmed(confirmation, request.attempt_id)
            return self._reading.search(request.attempt_id)

    def find(self, request: FindRequest) -> Snapshot | Absent:
        with translated_errors():
            found = self._find_attempt(request)
        if isinstance(found, Absent) or _has_trace(found, request):
            return found
        return Absent()

    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str], *, received_at: datetime | None = None
    ) -> WebhookNotice:
        return notice_of(body, headers, self.credentials["webhook_secret"], received_at)

    def balance_transactions(self, since: datetime) -> Iterator[BalanceTransaction]:
        with translated_errors():
            listed = self._client.v1.balance_transactions.list(
                params={"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            newest_first = [line.to_dict() for line in listed.auto_paging_iter()]
        for line in reversed(newest_first):
            yield line_of(line)

    def _find_attempt(self, request: FindRequest) -> Snapshot | Absent:
        if session_id := reference_of(request.references, "checkout_session"):
            return self._reading.session(session_id)
        if intent_id := reference_of(request.references, "payment_intent"):
            return self._reading.intent(intent_id)
        if request.kind in {OperationKind.CREATE, OperationKind.CLOSE_SESSION}:
            return self._reading.session_made_since(request.attempt_id, request.sent_at)
        return self._reading.intent_made_since(request.attempt_id, request.sent_at)

    def _declined(self, request: ChargeSavedMethod, error: stripe.CardError) -> Snapshot:
        body: Any = error.json_body
        with readable():
            intent = body["error"].get("payment_intent")
        if isinstance(intent, dict):
            return self._reading.snapshot_of_intent(intent)
        news = News(
            kind=SubjectKind.ATTEMPT,
            status="declined",
            amount=request.amount,
            our_id=request.attempt_id,
            code=code_of(error),
        )
        return Snapshot(attempt=news)


def with_refund(snapshot: Snapshot, refund: Mapping[str, Any]) -> Snapshot:
    """Add a refund that was just made, should the payment not list it yet."""
    with readable():
        news = refund_news(refund)
    if any(known.references == news.references for known in snapshot.refunds):
        return snapshot
    return replace(snapshot, refunds=(*snapshot.refunds, news))


def intent_id_of(references: tuple[Reference, ...]) -> str:
    """Return the PaymentIntent's id. Raises ProviderRejected where the attempt has none."""
    intent_id = reference_of(references, "payment_intent")
    if not intent_id:
        raise ProviderRejected("Nothing was paid at Stripe yet.", code=NO_REFERENCE)
    return intent_id


def reference_of(references: tuple[Reference, ...], kind: str) -> str:
    return next((one.value for one in references if one.kind == kind), "")


def _has_trace(snapshot: Snapshot, request: FindRequest) -> bool:
    """Say whether the operation left its mark on what Stripe knows.

    A cancellation carries no metadata at Stripe: any that is there will do.
    """
    match request.kind:
        case OperationKind.CAPTURE:
            return any(news.our_id == request.subject_id for news in snapshot.captures)
        case OperationKind.REFUND:
            return any(news.our_id == request.subject_id for news in snapshot.refunds)
        case OperationKind.CANCEL:
            return bool(snapshot.cancellations) or snapshot.attempt.status == "canceled"
        case OperationKind.CLOSE_SESSION:
            return snapshot.page is None
        case _:
            return True
