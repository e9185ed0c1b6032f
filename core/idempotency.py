"""Once per key: a machine that repeats its request gets the same object, not a second one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.ids import make_public_id

if TYPE_CHECKING:
    from core.models import ApiKey, User

LONGEST_KEY = 255
KEPT_FOR = timedelta(days=30)
BATCH = 5_000

# The advisory lock is tried, never waited for: whoever holds it is still writing the object.
_RESERVE = """
    INSERT INTO core_idempotencyrecord
        (principal, route, key, body_hash, object_id, created_at)
    SELECT %s, %s, %s, %s, %s, clock_timestamp()
    WHERE pg_try_advisory_xact_lock(%s)
    ON CONFLICT (principal, route, key) DO NOTHING
    RETURNING object_id
"""
_FIND = """
    SELECT body_hash, object_id FROM core_idempotencyrecord
    WHERE principal = %s AND route = %s AND key = %s
"""
# Ids follow the clock, so the oldest rows are found without an index on the time.
_FORGET = """
    WITH oldest AS (SELECT id FROM core_idempotencyrecord ORDER BY id LIMIT %s)
    DELETE FROM core_idempotencyrecord AS record USING oldest
    WHERE record.id = oldest.id AND record.created_at < %s
"""


class KeyMissing(DomainError):
    code = "idempotency_key_missing"
    status = 400
    message = _("Send an Idempotency-Key header of 1 to 255 visible characters.")


class KeyInFlight(DomainError):
    code = "idempotency_key_in_flight"
    status = 409
    message = _("The first request with this Idempotency-Key is still being accepted. Repeat it.")


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = _("This Idempotency-Key was already used with another request.")


@dataclass(frozen=True, slots=True)
class Reservation:
    """The public id of the object: to be given to it, or, on a replay, to find it by."""

    public_id: str
    is_replay: bool


def reserve(
    *, principal: User | ApiKey | str, route: str, key: str, body: bytes, prefix: str
) -> Reservation:
    """Reserve a key, in the transaction that makes the object. One statement for a new key.

    Raises KeyMissing, KeyInFlight while the first transaction is open, and KeyReused when the
    key came with another body. If this transaction rolls back, the key is free again.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise KeyMissing
    who = principal if isinstance(principal, str) else principal.public_id
    kept_key, body_hash = _digest(key.encode()), _digest(body)
    public_id = make_public_id(prefix)
    with connection.cursor() as cursor:
        lock = _lock_number(who, route, key)
        cursor.execute(_RESERVE, [who, route, kept_key, body_hash, public_id, lock])
        if cursor.fetchone():
            return Reservation(public_id, is_replay=False)
        cursor.execute(_FIND, [who, route, kept_key])
        row = cursor.fetchone()
    if row is None:
        raise KeyInFlight
    if row[0] != body_hash:
        raise KeyReused
    return Reservation(row[1], is_replay=True)


def forget_old() -> int:
    """Delete the records of requests accepted more than 30 days ago; return how many there were.

    Each batch is a transaction of its own and waits for nobody: what an open transaction has
    reserved is not seen, so it is never deleted. Safe to repeat.
    """
    before = timezone.now() - KEPT_FOR
    forgotten, batch = 0, BATCH
    while batch == BATCH:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [BATCH, before])
            batch = cursor.rowcount
        forgotten += batch
    return forgotten


def _digest(content: bytes) -> str:
    """Give a keyed digest. Keys and bodies are the caller's own words: none is kept readable."""
    return hmac.digest(settings.SEAL_KEY.encode(), b"idempotency:" + content, "sha256").hex()


def _lock_number(*parts: str) -> int:
    """Make the 64-bit number of the advisory lock."""
    name = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(name[:8], signed=True)
