"""Reads what Stripe knows of one attempt. Changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import stripe

from payments.providers.base import Absent
from payments.providers.stripe.parameters import INTENT_DETAILS, OUR_ID, READER, UNDER_INTENT
from payments.providers.stripe.snapshots import (
    AUTHORISED,
    charge_of,
    id_of,
    is_at_terminal,
    is_hosted,
    metadata_of,
    readable,
    snapshot_of_intent,
    snapshot_of_session,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payments.providers.base import Snapshot

PAGE_LIMIT = 100
CLOCK_SLACK = timedelta(minutes=5)
NOT_FOUND = 404


class Reading:
    """Follows an attempt from any of its names to everything that came of it."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def session(self, session_id: str) -> Snapshot | Absent:
        try:
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, params={"expand": list(UNDER_INTENT)}
            )
        except stripe.InvalidRequestError as error:
            return absent_if_missing(error)
        return self.snapshot_of_session(session.to_dict())

    def intent(self, intent_id: str) -> Snapshot | Absent:
        """Read a PaymentIntent, and the page it belongs to where that may still matter."""
        try:
            found = self._client.v1.payment_intents.retrieve(
                intent_id, params={"expand": list(INTENT_DETAILS)}
            )
        except stripe.InvalidRequestError as error:
            return absent_if_missing(error)
        intent = found.to_dict()
        if is_hosted(intent) and intent["status"] not in AUTHORISED:
            sessions = self._client.v1.checkout.sessions.list(
                params={"payment_intent": intent_id, "limit": 1}
            )
            for session in sessions.data:
                return self.session(session.id)
        return self._left_terminal(intent, self.snapshot_of_intent(intent))

    def _left_terminal(self, intent: dict[str, Any], found: Snapshot) -> Snapshot:
        """Say that it was cancelled where its reader waits for it no longer, and nothing came."""
        if not is_at_terminal(intent) or found.attempt.status != "pending":
            return found
        reader = self._client.v1.terminal.readers.retrieve(metadata_of(intent)[READER])
        action = reader.to_dict().get("action") or {}
        own = (action.get("process_payment_intent") or {}).get("payment_intent")
        if action.get("status") == "in_progress" and id_of(own) == intent["id"]:
            return replace(found, step="card")
        return replace(found, attempt=replace(found.attempt, status="canceled"))

    def confirmed(self, confirmation: str, attempt_id: str) -> Snapshot | Absent:
        """Read what somebody else charged for us, as ours: Stripe has no metadata of it."""
        intent_id: Any = confirmation
        if confirmation.startswith("ch_"):
            try:
                intent_id = self._client.v1.charges.retrieve(confirmation).payment_intent
            except stripe.InvalidRequestError as error:
                return absent_if_missing(error)
        if not isinstance(intent_id, str):
            return Absent()
        found = self.intent(intent_id)
        if isinstance(found, Absent) or found.attempt.our_id:
            return found
        return replace(found, attempt=replace(found.attempt, our_id=attempt_id))

    def search(self, attempt_id: str) -> Snapshot | Absent:
        """Look an attempt up by our id alone. Stripe's search lags by up to a minute."""
        found = self._client.v1.payment_intents.search(
            params={"query": f"metadata['{OUR_ID}']:'{attempt_id}'", "limit": 1}
        )
        for intent in found.data:
            return self.intent(intent.id)
        return Absent()

    def session_made_since(self, attempt_id: str, since: datetime) -> Snapshot | Absent:
        """Look through the Checkout Sessions, newest first, that a lost request may have made."""
        earliest = (since - CLOCK_SLACK).timestamp()
        sessions = self._client.v1.checkout.sessions.list(params={"limit": PAGE_LIMIT})
        for session in sessions.auto_paging_iter():
            if session.created < earliest:
                break
            if session.client_reference_id == attempt_id:
                return self.session(session.id)
        return Absent()

    def intent_made_since(self, attempt_id: str, since: datetime) -> Snapshot | Absent:
        """Look through the PaymentIntents that a lost request may have made."""
        earliest = int((since - CLOCK_SLACK).timestamp())
        intents = self._client.v1.payment_intents.list(
            params={"limit": PAGE_LIMIT, "created": {"gte": earliest}}
        )
        for intent in intents.auto_paging_iter():
            if metadata_of(intent.to_dict()).get(OUR_ID) == attempt_id:
                return self.intent(intent.id)
        return Absent()

    def snapshot_of_session(self, session: dict[str, Any]) -> Snapshot:
        intent = session.get("payment_intent")
        if not isinstance(intent, dict):
            return snapshot_of_session(session)
        disputes = self._complete(intent)
        return snapshot_of_session(session, disputes)

    def snapshot_of_intent(self, intent: dict[str, Any]) -> Snapshot:
        disputes = self._complete(intent)
        return snapshot_of_intent(intent, disputes)

    def _complete(self, intent: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Add the refunds that did not fit into the answer, and return the disputes."""
        with readable():
            charge = charge_of(intent)
            refunds = charge.get("refunds") or {}
        if refunds.get("has_more"):
            listed = self._client.v1.refunds.list(
                params={"payment_intent": intent["id"], "limit": PAGE_LIMIT}
            )
            refunds["data"] = [one.to_dict() for one in listed.auto_paging_iter()]
        if not charge.get("disputed"):
            return []
        found = self._client.v1.disputes.list(
            params={"payment_intent": intent["id"], "limit": PAGE_LIMIT}
        )
        return [one.to_dict() for one in found.auto_paging_iter()]


def absent_if_missing(error: stripe.InvalidRequestError) -> Absent:
    """Turn Stripe's 404 into Absent; raise every other refusal again."""
    if error.http_status == NOT_FOUND:
        return Absent()
    raise error
