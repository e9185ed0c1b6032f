"""Search as you type: one statement over the keys, one for the customers. The term stays here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from django.db import connection

from core import pan
from core.errors import CardNumberRefused
from crm.models import Customer, SearchKey
from crm.search.terms import Plan, Probe, Where, plan
from crm.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_RESULTS = 50
# One customer can be found by several keys; so many more rows are read than are shown.
ROWS_PER_RESULT = 2

SELECT = (
    "(SELECT {rank} AS rank, customer_id, kind, key, {label} FROM crm_searchkey"
    " WHERE kind = {kind} AND {condition} {order} LIMIT {limit})"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One key that matched: a row of the one search statement."""

    rank: int
    customer_id: int
    kind: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Match:
    """A customer and why the row is here: `reason_label` holds the text that matched."""

    customer: Customer
    reason_kind: str
    reason_label: str


def find_customers(term: str, limit: int = 20) -> list[Match]:
    """The customers an agent may mean, the likeliest first, each with the reason.

    Two statements, however long the result. The term is never stored or logged.
    Raises CardNumberRefused, before anything is asked, for what looks like a card number.
    """
    if pan.looks_like_card(term):
        raise CardNumberRefused
    wanted = min(limit, MOST_RESULTS)
    hits = _first_per_customer(_run(plan(term), wanted), wanted)
    if not hits:
        return []
    customers = (
        Customer.objects.current().with_main_contacts().in_bulk([hit.customer_id for hit in hits])
    )
    return [
        Match(customers[hit.customer_id], *_reason(hit, customers[hit.customer_id]))
        for hit in hits
        if hit.customer_id in customers
    ]


def _run(search: Plan, wanted: int) -> list[Hit]:
    if not search.probes:
        return []
    rows = wanted * ROWS_PER_RESULT
    parts, values = [], []
    for rank, probe in enumerate(search.probes):
        sql, own_values = _statement(rank, probe, rows)
        parts.append(sql)
        values += own_values
    sql = " UNION ALL ".join(parts)
    if not search.is_fair:
        # Parts are read in turn: the costly last one is not even begun when the first suffice.
        sql = f"{sql} LIMIT {rows}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        hits = [Hit(*row) for row in cursor.fetchall()]
    return _in_turn(hits, len(search.probes)) if search.is_fair else hits


def _statement(rank: int, probe: Probe, rows: int) -> tuple[str, list[str]]:
    text = _escaped(probe.text)
    label, order = "label", "ORDER BY key USING ~<~"
    if probe.where is Where.START:
        condition, values = "key LIKE %s", [f"{text}%"]
    elif probe.where is Where.END:
        condition, values = "reverse(key) LIKE %s", [f"{text[::-1]}%"]
        order = "ORDER BY reverse(key) USING ~<~"
    elif probe.where is Where.MIDDLE:
        condition, values, order = "key LIKE %s", [f"%{text}%"], ""
    else:
        condition, values = "key = %s", [probe.text]
    for word in probe.words:
        condition += " AND key LIKE %s"
        values.append(f"% {_escaped(word)}%" if probe.where is Where.START else f"%{word}%")
    if probe.kind in (SearchKey.Kind.NAME, SearchKey.Kind.TURNED_NAME, SearchKey.Kind.EMAIL):
        label = "''"  # not stored, so that the index alone can answer
    sql = SELECT.format(
        rank=rank, label=label, kind=f"'{probe.kind}'", condition=condition, order=order, limit=rows
    )
    return sql, values


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _in_turn(hits: Iterable[Hit], probes: int) -> list[Hit]:
    """The best hit of every probe, then the second of every probe, and so on."""
    lanes: list[list[Hit]] = [[] for _ in range(probes)]
    for hit in hits:
        lanes[hit.rank].append(hit)
    return [hit for hit in chain.from_iterable(zip_longest(*lanes)) if hit is not None]


def _first_per_customer(hits: Iterable[Hit], wanted: int) -> list[Hit]:
    first: dict[int, Hit] = {}
    for hit in hits:
        first.setdefault(hit.customer_id, hit)
    return list(first.values())[:wanted]


def _reason(hit: Hit, customer: Customer) -> tuple[str, str]:
    """Names are shown as the customer writes them, keys without a label as they are."""
    if hit.kind not in (SearchKey.Kind.NAME, SearchKey.Kind.TURNED_NAME):
        return hit.kind, hit.label or hit.key
    is_own = sorted(hit.key.split()) == sorted(fold(customer.name).split())
    # Another name came with a customer who was merged into this one.
    return SearchKey.Kind.NAME.value, customer.name if is_own else hit.key.title()
