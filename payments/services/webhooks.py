"""Taking deliveries in, fast and durable, and working them off afterwards."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from core import bell, leases, quickredis, rows
from core.fields import cipher
from payments.errors import UnknownSubject
from payments.models import ProviderAccount, WebhookEvent
from payments.models.events import Source
from payments.providers.base import Absent, FetchRequest, Reference, Truth
from payments.providers.errors import ProviderError, WebhookError, WebhookUnusable
from payments.registry import provider_class, provider_for
from payments.services.apply import apply_snapshot
from payments.services.talking import fetch_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payments.providers.base import Snapshot, WebhookNotice

logger = logging.getLogger(__name__)

State = WebhookEvent.State
BATCH = 100
LEASE_S = 60
WAITING = "state IN ('received', 'claimed') AND next_at <= now()"
MOST_TRIES = 12
BACK_OFF_S = (1, 2, 5, 10, 30, 60, 300, 900, 3600)

STORE = """
    WITH event AS (
        INSERT INTO payments_webhookevent
            (account_id, event_id, kind, reference_kind, reference, our_id, state, attempts,
             next_at, occurred_at, received_at, error)
        VALUES (%(account)s, %(event_id)s, %(kind)s, %(reference_kind)s, %(reference)s,
                %(our_id)s, %(state)s, 0, now(), %(occurred_at)s, now(), %(error)s)
        ON CONFLICT (account_id, event_id) DO NOTHING
        RETURNING id
    )
    INSERT INTO payments_webhookbody (event_id, headers, body)
    SELECT id, %(headers)s, %(body)s FROM event
"""


def receive(*, account: ProviderAccount, body: bytes, headers: Mapping[str, str]) -> None:
    """Keep a signed delivery, in one statement that is committed when this returns.

    A repeat is kept once. What is signed but of no use is kept as rejected. Raises
    WebhookForged, and keeps nothing, where the signature does not hold.
    """
    values: dict[str, Any] = {"account": account.pk, "state": State.RECEIVED, "error": ""}
    try:
        notice = provider_for(account).parse_webhook(body, headers)
    except WebhookUnusable as unusable:
        values |= _columns_of_unusable(unusable)
    else:
        values |= _columns_of(notice)
    raw = {
        "headers": cipher().encrypt(json.dumps(dict(headers)).encode()),
        "body": cipher().encrypt(body),
    }
    rows.execute(STORE, {**values, **raw})
    bell.ring_on_commit("webhooks")


def _columns_of(notice: WebhookNotice) -> dict[str, object]:
    first = notice.references[0] if notice.references else Reference("", "")
    return {
        "event_id": notice.event_id,
        "kind": notice.kind,
        "reference_kind": first.kind,
        "reference": first.value,
        "our_id": notice.our_id,
        "occurred_at": notice.occurred_at,
    }


def _columns_of_unusable(unusable: WebhookUnusable) -> dict[str, object]:
    return {
        "event_id": unusable.event_id,
        "kind": "unusable",
        "reference_kind": "",
        "reference": "",
        "our_id": "",
        "occurred_at": None,
        "state": State.REJECTED,
        "error": str(unusable)[:200],
    }


def claim(*, limit: int = BATCH) -> list[WebhookEvent]:
    """Take deliveries that wait, one worker each for the length of a lease."""
    found = leases.claim_rows(WebhookEvent, WAITING, limit=limit, seconds=LEASE_S)
    rows.follow(found, "account", ProviderAccount)
    return found


def drain() -> int:
    """Work off what was received: claim, read the present state, apply. Safe to repeat."""
    done = 0
    for batch in bell.answer("webhooks", claim):
        work_off(batch)
        done += len(batch)
    return done


def work_off(batch: Sequence[WebhookEvent]) -> None:
    """Apply claimed deliveries, each reference once however many deliveries name it."""
    groups: dict[tuple[int, str, str, str], list[WebhookEvent]] = defaultdict(list)
    for event in batch:
        groups[event.account_id, event.our_id, event.reference_kind, event.reference].append(event)
    accounts = {event.account_id: event.account for event in batch}
    by_body = [e for e in batch if _truth(e.account) is Truth.SIGNED_BODY]
    for event in by_body:
        _apply_body(event)
    keys = [key for key, events in groups.items() if _truth(events[0].account) is Truth.FETCH]
    asked = [(accounts[key[0]], _request_for(key)) for key in keys]
    for place, answer in fetch_all(asked):
        key = keys[place]
        _apply_answer(accounts[key[0]], groups[key], answer)


def _truth(account: ProviderAccount) -> Truth:
    return provider_class(account.kind).manifest.truth


def _request_for(key: tuple[int, str, str, str]) -> FetchRequest:
    _, our_id, kind, reference = key
    return FetchRequest(our_id, (Reference(kind, reference),) if reference else ())


def _apply_answer(
    account: ProviderAccount,
    events: list[WebhookEvent],
    answer: Snapshot | Absent | ProviderError,
) -> None:
    if isinstance(answer, ProviderError):
        put_off(events, f"{type(answer).__name__}: {answer.code or answer}")
    elif isinstance(answer, Absent):
        put_off(events, "the provider does not know it")
    else:
        _apply(account, events, answer)


def _apply(account: ProviderAccount, events: list[WebhookEvent], snapshot: Snapshot) -> None:
    try:
        apply_snapshot(account=account, snapshot=snapshot, source=Source.WEBHOOK, claimed=events)
    except UnknownSubject as error:
        put_off(events, f"unknown reference {error}")
    except Exception as error:  # One bad payment must not stop the others of the batch.
        logger.exception("a delivery could not be applied")
        put_off(events, f"{type(error).__name__}: {error}")


def _apply_body(event: WebhookEvent) -> None:
    body = cipher().decrypt(bytes(event.raw.body))
    headers = json.loads(cipher().decrypt(bytes(event.raw.headers)))
    try:
        notice = provider_for(event.account).parse_webhook(
            body, headers, received_at=event.received_at
        )
    except WebhookError as error:  # It was verified when it came: a secret was replaced, say.
        put_off([event], f"{type(error).__name__}: {error}")
        return
    if notice.snapshot is None:
        put_off([event], "a signed body without news")
        return
    _apply(event.account, [event], notice.snapshot)


def put_off(events: Sequence[WebhookEvent], error: str) -> None:
    """Try deliveries again later, each time after a longer wait; at last park them."""
    now = timezone.now()
    for event in events:
        tries = event.attempts + 1
        wait = BACK_OFF_S[min(tries, len(BACK_OFF_S)) - 1]
        WebhookEvent.objects.filter(pk=event.pk).exclude(state=State.DONE).update(
            state=State.PARKED if tries >= MOST_TRIES else State.RECEIVED,
            attempts=F("attempts") + 1,
            next_at=now + timedelta(seconds=wait),
            lease_token=None,
            lease_until=None,
            error=error[:200],
        )


def replay(event: WebhookEvent) -> None:
    """Work a delivery off once more, by a person's decision. Safe to repeat."""
    WebhookEvent.objects.filter(pk=event.pk).update(
        state=State.RECEIVED, attempts=0, next_at=timezone.now(), lease_until=None, error=""
    )
    bell.ring_on_commit("webhooks")


def count_forged(account: ProviderAccount) -> None:
    """Count a delivery whose signature does not hold. Nothing of it is kept."""
    logger.warning("a forged delivery was refused", extra={"account": account.public_id})
    quickredis.attempt(lambda redis: redis.incr(f"forged:{account.public_id}"))
