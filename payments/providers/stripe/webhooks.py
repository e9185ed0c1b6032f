"""What Stripe's events are about. The body is only a ring: the truth is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments.providers.base import Reference, WebhookNotice
from payments.providers.errors import WebhookUnusable
from payments.providers.signatures import signed_event
from payments.providers.stripe.parameters import OUR_ID
from payments.providers.stripe.snapshots import id_of, instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

HEADER = "stripe-signature"
FOLLOWED = frozenset({"checkout.session", "payment_intent", "charge", "refund", "dispute"})


def notice_of(
    body: bytes, headers: Mapping[str, str], secret: str, received_at: datetime | None = None
) -> WebhookNotice:
    """Verify a delivery. Raises WebhookForged, or WebhookUnusable for what is not followed."""
    event = signed_event(body, headers.get(HEADER, ""), secret, received_at)
    event_id = str(event.get("id", ""))
    data = event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    if not isinstance(subject, dict) or subject.get("object") not in FOLLOWED:
        raise WebhookUnusable(event_id, "The event is about nothing that is followed.")
    references = _references(subject)
    if not references:
        raise WebhookUnusable(event_id, "The event names no payment.")
    created = event.get("created")
    return WebhookNotice(
        event_id=event_id,
        kind=str(event.get("type", "")),
        references=references,
        our_id=_our_id(subject),
        occurred_at=instant(created) if isinstance(created, int) else None,
    )


def _references(subject: Mapping[str, Any]) -> tuple[Reference, ...]:
    kind = subject["object"]
    named = {
        "checkout_session": subject.get("id") if kind == "checkout.session" else None,
        "payment_intent": subject.get("id")
        if kind == "payment_intent"
        else id_of(subject.get("payment_intent")),
        "charge": subject.get("id") if kind == "charge" else id_of(subject.get("charge")),
    }
    return tuple(Reference(name, str(value)) for name, value in named.items() if value)


def _our_id(subject: Mapping[str, Any]) -> str:
    """Return the attempt's public id. A refund's or dispute's metadata is not the attempt's."""
    if subject["object"] in {"refund", "dispute"}:
        return ""
    metadata = subject.get("metadata") or {}
    return str(metadata.get(OUR_ID) or subject.get("client_reference_id") or "")
