"""Who did what. One row each, in the transaction of the deed, and nobody can change it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from core import context, pan
from core.models import ApiKey, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

# Spelt out, because everything that anybody does ends here. The database fills in the rest.
_INSERT = """
    INSERT INTO core_auditevent
        (at, actor_kind, actor_id, action, object_type, object_id,
         before_digest, after_digest, request_id, reason, reason_digest)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def record(
    actor: User | ApiKey | str,
    action: str,
    obj: Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write one audit event: `actor` did `action` (such as `refund.requested`) to `obj`.

    `before` and `after` are kept as keyed digests only: they prove what was there to anyone
    who still has it, and tell nothing to anyone else. A job gives its name as the actor.
    """
    values = _values(actor, action, obj, before=before, after=after, reason=pan.mask(reason))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def record_all(
    actor: User | ApiKey | str, action: str, objects: Iterable[tuple[Model, Mapping[str, Any]]]
) -> None:
    """Write one event for each object and what it is now, in one go: for jobs of many rows."""
    values = [_values(actor, action, obj, after=after) for obj, after in objects]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, values)


def _values(
    actor: User | ApiKey | str,
    action: str,
    obj: Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> tuple[Any, ...]:
    return (
        timezone.now(),
        _kind(actor),
        actor if isinstance(actor, str) else actor.public_id,
        action,
        obj._meta.label_lower,  # noqa: SLF001 - the documented way to name a model
        getattr(obj, "public_id", None) or str(obj.pk),
        digest(before),
        digest(after),
        context.current().request_id,
        reason,
        digest(reason or None),
    )


def digest(value: Any) -> str:
    """Give the keyed digest of a value that JSON can write; empty for None."""
    if value is None:
        return ""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    key = b"audit:" + settings.SEAL_KEY.encode()
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def _kind(actor: User | ApiKey | str) -> str:
    if isinstance(actor, str):
        return "job"
    return "api_key" if isinstance(actor, ApiKey) else "user"
