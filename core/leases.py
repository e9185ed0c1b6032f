"""Leases: a worker's claim on a row that ends by itself, for whatever is too slow for a lock."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Lease(models.Model):
    """A row that one worker at a time may hold, until the lease runs out."""

    lease_token = models.UUIDField(_("token of the lease"), null=True, editable=False)
    lease_until = models.DateTimeField(_("in work until"), null=True, editable=False)

    class Meta:
        abstract = True


class Claimed(list[Any]):
    """The primary keys that were claimed, in order, and the token that proves the claim."""

    token: uuid.UUID


def claim(
    model: type[Lease],
    where_sql: str,
    params: Mapping[str, Any],
    *,
    limit: int,
    seconds: float,
) -> Claimed:
    """Take a lease on up to `limit` free rows that match, oldest first, in one statement.

    Two claimers never get the same row and never wait for each other. A row whose lease ran
    out is free again. `where_sql` is ours, never a user's; its values come by name from `params`.
    """
    quote = connection.ops.quote_name
    table, pk = quote(model._meta.db_table), quote("id")  # noqa: SLF001
    token = uuid.uuid4()
    lease: dict[str, Any] = {"lease_limit": limit, "lease_token": token, "lease_seconds": seconds}
    sql = f"""
        WITH free AS (
            SELECT {pk} FROM {table}
            WHERE ({where_sql}) AND (lease_until IS NULL OR lease_until < clock_timestamp())
            ORDER BY {pk} LIMIT %(lease_limit)s
            FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE {table} AS claimed
        SET lease_token = %(lease_token)s,
            lease_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
        FROM free WHERE claimed.{pk} = free.{pk}
        RETURNING claimed.{pk}
    """  # noqa: S608 - names come from the model
    claimed = Claimed(sorted(row[0] for row in rows.select(sql, {**params, **lease})))
    claimed.token = token
    return claimed


def claim_rows[M: Lease](model: type[M], where_sql: str, *, limit: int, seconds: float) -> list[M]:
    """Take leases as `claim` does, and read the rows that were taken whole, oldest first."""
    ids = claim(model, where_sql, {}, limit=limit, seconds=seconds)
    return rows.read(model, rows.BY_IDS, [list(ids)]) if ids else []
