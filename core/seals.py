"""Seals: a chain of HMACs that makes every later change of a sealed row visible.

Every minute the rows of all finished transactions since the last seal are digested and the
digests sealed with a key that the database does not know. Rows are taken by the transaction
that wrote them, not by their ids: a row that commits late is in a later seal, never in none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.models import Seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.utils import CursorWrapper

logger = logging.getLogger(__name__)

LOCK_NUMBER = 7_325_415_001  # Any number that no other advisory lock of ours has.

AUDIT_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "object_type",
    "object_id",
    "before_digest",
    "after_digest",
    "request_id",
    "reason_digest",
    "xid",
)

_registered: dict[str, tuple[str, ...]] = {}

# Text forms of values depend on these settings, so they are fixed for as long as we digest.
_FIXED_FORMS = "SET LOCAL TIME ZONE 'UTC'; SET LOCAL bytea_output = 'hex'"


class TransactionsRestarted(RuntimeError):
    """The server counts transactions from below the last seal, as after a restore elsewhere.

    New rows would fall into ranges that are sealed already. The runbook says how to lift the
    counter (`pg_resetwal -e`) before anything is written.
    """


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree with the seals. `seal` is the number of the first one."""

    seal: int
    table: str
    detail: str

    def __str__(self) -> str:
        return f"seal {self.seal}: {self.table}: {self.detail}"


def register(table: str, columns: tuple[str, ...]) -> None:
    """Have a table sealed. It needs `id` and `xid`; columns that may be erased are left out."""
    _registered[table] = tuple(columns)


@transaction.atomic
def make_seal() -> Seal | None:
    """Seal the rows of all transactions that have finished since the last seal.

    None where there is nothing new or another worker is at it. Safe to repeat.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_NUMBER])
        if not cursor.fetchone()[0]:
            return None
        last = Seal.objects.order_by("-pk").first()
        start, end = last.to_xid if last else 0, _first_unfinished(cursor)
        if end < start:
            raise TransactionsRestarted(f"transaction {end} comes before {start}")
        cursor.execute(_FIXED_FORMS)
        parts = {table: _part(cursor, table, start, end) for table in sorted(_registered)}
    parts = {table: part for table, part in parts.items() if part["count"]}
    if not parts:
        return None
    layout = {table: list(columns) for table, columns in sorted(_registered.items())}
    seal = Seal(
        made_at=timezone.now(),
        from_xid=start,
        to_xid=end,
        parts=parts,
        columns={} if _layout_now() == layout else layout,
        previous=last.mac if last else "",
    )
    seal.mac = mac_of(seal)
    seal.save(force_insert=True)
    logger.info("seal %s closed transactions up to %s: %s", seal.pk, end, seal.mac)
    return seal


def mac_of(seal: Seal) -> str:
    """Compute the HMAC-SHA-256 that the seal must bear, over everything else it says."""
    said = [
        seal.previous,
        seal.made_at.isoformat(),
        seal.from_xid,
        seal.to_xid,
        seal.parts,
        seal.columns,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.SEAL_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def verify(known_head: str = "") -> Iterator[Finding]:
    """Yield what disagrees with the seals, the chain first. Changes nothing.

    `known_head` is a seal's HMAC that was kept elsewhere, such as in yesterday's mail: a chain
    that was cut off before it, or made anew, does not have it.
    """
    broken = list(_broken_links())
    yield from broken
    if known_head and not Seal.objects.filter(mac=known_head).exists():
        yield Finding(0, "core_seal", f"the chain does not contain the seal {known_head}")
    if broken:
        return  # What a broken chain says of the rows proves nothing.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FIXED_FORMS)
        for first, last, layout in _epochs():
            for table, columns in layout.items():
                yield from _changed_rows(cursor, table, columns, (first, last))
        for table in sorted(_registered):
            yield from _rows_of_the_future(cursor, table)


def _broken_links() -> Iterator[Finding]:
    """Yield the first seal whose own HMAC or place in the chain is wrong."""
    previous, start = "", 0
    for seal in Seal.objects.order_by("pk").iterator():
        if not hmac.compare_digest(seal.mac, mac_of(seal)):
            yield Finding(seal.pk, "core_seal", "the seal itself was changed")
            return
        if seal.previous != previous or seal.from_xid != start:
            yield Finding(seal.pk, "core_seal", "a seal before this one is missing")
            return
        previous, start = seal.mac, seal.to_xid


def _epochs() -> Iterator[tuple[int, int, dict[str, list[str]]]]:
    """Yield first seal, last seal and the columns that were digested between them."""
    layouts = list(Seal.objects.exclude(columns={}).order_by("pk").values_list("pk", "columns"))
    newest = Seal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for (first, layout), (following, _) in pairwise([*layouts, (newest + 1, {})]):
        yield first, following - 1, layout


def _changed_rows(
    cursor: CursorWrapper, table: str, columns: list[str], seals: tuple[int, int]
) -> Iterator[Finding]:
    """Yield the ranges of a table whose rows are not those that were sealed. One query."""
    cursor.execute(
        f"""
        SELECT seal.id, count(sealed.id), min(sealed.id), max(sealed.id),
               (seal.parts -> %(table)s ->> 'count')::bigint,
               seal.parts -> %(table)s -> 'ids', seal.from_xid, seal.to_xid
        FROM core_seal AS seal
        LEFT JOIN {table} AS sealed
               ON sealed.xid >= seal.from_xid::text::xid8 AND sealed.xid < seal.to_xid::text::xid8
        WHERE seal.id BETWEEN %(first)s AND %(last)s
        GROUP BY seal.id
        HAVING {_digest_sql("sealed", columns)} IS DISTINCT FROM
               seal.parts -> %(table)s ->> 'digest'
        ORDER BY seal.id
        """,  # noqa: S608 - names come from the seals, whose HMAC was checked
        {"table": table, "first": seals[0], "last": seals[1]},
    )
    for seal, count, first, last, sealed_count, sealed_ids, start, end in cursor.fetchall():
        was = f"{sealed_count or 0} rows, ids {sealed_ids or '[]'}"
        now = f"{count} rows, ids [{first}, {last}]" if count else "no rows"
        detail = f"transactions {start} to {end}: sealed {was}; now {now}"
        yield Finding(seal, table, detail)


def _rows_of_the_future(cursor: CursorWrapper, table: str) -> Iterator[Finding]:
    """Yield a row that claims a transaction which has not begun, to stay out of every seal."""
    cursor.execute(
        f"SELECT min(id) FROM {table} WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"  # noqa: S608
    )
    if row_id := cursor.fetchone()[0]:
        yield Finding(0, table, f"row {row_id} claims a transaction that has not begun yet")


def _part(cursor: CursorWrapper, table: str, start: int, end: int) -> dict[str, Any]:
    cursor.execute(
        f"SELECT count(*), min(id), max(id), {_digest_sql(table, _registered[table])}"  # noqa: S608
        f" FROM {table} WHERE xid >= %s::xid8 AND xid < %s::xid8",
        [str(start), str(end)],
    )
    count, first, last, digest = cursor.fetchone()
    return {"count": count, "ids": [first, last], "digest": digest}


def _digest_sql(table: str, columns: tuple[str, ...] | list[str]) -> str:
    """Write the SQL of the common digest: each row's own, in order, digested once more."""
    values = ", ".join(f"{table}.{column}" for column in columns)
    row = f"sha256(convert_to(jsonb_build_array({values})::text, 'UTF8'))"
    only = f"FILTER (WHERE {table}.id IS NOT NULL)"
    rows = f"string_agg({row}, ''::bytea ORDER BY {table}.xid, {table}.id) {only}"
    return f"encode(sha256({rows}), 'hex')"


def _first_unfinished(cursor: CursorWrapper) -> int:
    """Name the oldest transaction that may still commit; all before it have finished."""
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return int(cursor.fetchone()[0])


def _layout_now() -> dict[str, list[str]]:
    layouts = Seal.objects.exclude(columns={}).order_by("-pk")
    return layouts.values_list("columns", flat=True).first() or {}
