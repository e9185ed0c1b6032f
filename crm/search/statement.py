"""The one SQL statement of a search.

What is written into the templates is ours: kinds, ranks and limits. The term only ever goes
into the values. Ranges and strpos stand where LIKE would tempt the planner to the trigrams,
which are slower for beginnings; names have no label, so that their index alone can answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.search.terms import Plan, Probe, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    type Ranked = tuple[int, Probe]
    type Selection = tuple[str, list[Any]]

LAST_SIGN = "\U0010ffff"
# So many keys with the same beginning are looked through for the other words of a name. A
# commoner beginning than that has its matches among the first, or the other word is rarer.
KEYS_LOOKED_THROUGH = 10_000

# Every probe that wants a beginning and no more, in one SELECT: planned once, not ten times.
BEGINNINGS = """
    SELECT probe.rank, found.customer_id, probe.kind, found.key, found.label
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[])
        AS probe(rank, kind, first, last)
    CROSS JOIN LATERAL (
        SELECT customer_id, key, label FROM crm_searchkey
        WHERE kind = probe.kind AND key ~>=~ probe.first AND key ~<~ probe.last
        ORDER BY key USING ~<~ LIMIT {rows}
    ) AS found
"""
WORDS = """
    SELECT {rank}, customer_id, kind, key, '' FROM (
        SELECT customer_id, kind, key FROM crm_searchkey
        WHERE kind = '{kind}' AND key ~>=~ %s AND key ~<~ %s
        ORDER BY key USING ~<~ LIMIT {looked_through}
    ) AS near WHERE {conditions} LIMIT {rows}
"""
END = """
    SELECT {rank}, customer_id, kind, key, label FROM crm_searchkey
    WHERE kind = '{kind}' AND reverse(key) ~>=~ %s AND reverse(key) ~<~ %s
    ORDER BY reverse(key) USING ~<~ LIMIT {rows}
"""
MIDDLE = """
    SELECT {rank}, customer_id, kind, key, '' FROM crm_searchkey
    WHERE kind = '{kind}' AND {conditions} LIMIT {rows}
"""
# Parts are read in turn: the costly last one is not even begun when the first ones suffice.
FIRST_ONES = "SELECT * FROM ({all}) AS hits LIMIT {rows}"


def statement_for(search: Plan, rows: int) -> Selection:
    """The statement and its values. Rows are (rank of the probe, customer, kind, key, label)."""
    ranked = list(enumerate(search.probes))
    beginnings = [pair for pair in ranked if _is_beginning(pair[1])]
    selections = [_select(pair, rows) for pair in ranked if not _is_beginning(pair[1])]
    if beginnings:
        selections.insert(0, _select_beginnings(beginnings, rows))
    sql = " UNION ALL ".join(f"({part})" for part, _ in selections)
    if not search.is_fair:
        sql = FIRST_ONES.format(all=sql, rows=rows)
    return sql, [value for _, values in selections for value in values]


def _is_beginning(probe: Probe) -> bool:
    return probe.where is Where.START and not probe.words


def _select_beginnings(ranked: Sequence[Ranked], rows: int) -> Selection:
    texts = [probe.text for _, probe in ranked]
    return BEGINNINGS.format(rows=rows), [
        [rank for rank, _ in ranked],
        [probe.kind for _, probe in ranked],
        texts,
        [text + LAST_SIGN for text in texts],
    ]


def _select(ranked: Ranked, rows: int) -> Selection:
    rank, probe = ranked
    if probe.where is Where.END:
        backwards = probe.text[::-1]
        sql = END.format(rank=rank, kind=probe.kind, rows=rows)
        return sql, [backwards, backwards + LAST_SIGN]
    if probe.where is Where.MIDDLE:
        words = (probe.text, *probe.words)
        conditions = " AND ".join("key LIKE %s" for _ in words)
        sql = MIDDLE.format(rank=rank, kind=probe.kind, conditions=conditions, rows=rows)
        return sql, [f"%{word}%" for word in words]
    sql = WORDS.format(
        rank=rank,
        kind=probe.kind,
        looked_through=KEYS_LOOKED_THROUGH,
        conditions=" AND ".join("strpos(key, %s) > 0" for _ in probe.words),
        rows=rows,
    )
    others = [f" {word}" for word in probe.words]
    return sql, [probe.text, probe.text + LAST_SIGN, *others]
