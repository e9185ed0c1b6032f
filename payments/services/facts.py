"""Turning what was said into append-only rows, once each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from payments.lifecycle import RANKS, Fact
from payments.models import PaymentEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payments.providers.base import News

MONEY_KINDS = tuple(RANKS)
"""Subjects whose facts carry money. Every other event only tells the story."""


def dedupe_key(*parts: object) -> str:
    """Return the key under which a fact or step exists once for its account."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def fact_event(
    *, intent_id: int, account_id: int, subject: str, news: News, source: str
) -> PaymentEvent:
    """Return the unsaved event for one piece of the provider's news."""
    return PaymentEvent(
        intent_id=intent_id,
        account_id=account_id,
        subject_kind=news.kind.value,
        subject_id=subject,
        status=news.status,
        amount=news.amount.minor,
        currency=news.amount.currency,
        version=news.version,
        source=source,
        code=news.code[:80],
        occurred_at=news.occurred_at,
        dedupe_key=dedupe_key(
            news.kind.value,
            subject,
            news.status,
            news.amount.minor,
            news.amount.currency,
            news.version,
        ),
    )


def own_event(
    *,
    subject: tuple[str, str],
    status: str,
    source: str,
    cause: str = "",
    **fields: Any,
) -> PaymentEvent:
    """Return an unsaved event of our own: a step of the rail, or a fact without an amount.

    `cause` sets repeated steps apart: a message's id, a request's id. `fields` are the
    event's other columns, its intent among them.
    """
    kind, subject_id = subject
    return PaymentEvent(
        subject_kind=kind,
        subject_id=subject_id,
        status=status,
        source=source,
        dedupe_key=dedupe_key(kind, subject_id, status, 0, fields.get("currency"), cause),
        **fields,
    )


def as_facts(events: Iterable[PaymentEvent]) -> list[Fact]:
    """Return the facts among events, ready to be joined."""
    return [
        Fact(
            kind=event.subject_kind,
            subject=event.subject_id,
            status=event.status,
            amount=event.amount,
            currency=event.currency,
            version=event.version,
            source=event.source,
        )
        for event in events
        if event.subject_kind in MONEY_KINDS
    ]
