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

Kind = SearchKey.Kind

MOST_RESULTS = 50
# One customer can be found by several keys; so many more rows are read than are shown.
ROWS_PER_RESULT = 2

# So many keys with the same beginning are looked through for the other words of a name. A
# commoner beginning than that has its matches among the first, or the other word is rarer.
KEYS_LOOKED_THROUGH = 10_000
LAST_SIGN = "\U0010ffff"
WITHOUT_LABEL = frozenset({Kind.NAME, Kind.TURNED_NAME, Kind.EMAIL})

# Written by hand: putting the same query together from querysets costs more than running it.
SUMMARIES = """
    SELECT customer.*, phone.value AS main_phone, email.value AS main_email
    FROM crm_customer AS customer
    LEFT JOIN crm_contactpoint AS phone ON phone.customer_id = customer.id
        AND phone.kind = 'phone' AND phone.is_primary
    LEFT JOIN crm_contactpoint AS email ON email.customer_id = customer.id
        AND email.kind = 'email' AND email.is_primary
    WHERE customer.id = ANY(%s) AND customer.merged_into_id IS NULL
"""


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
    customers = _customers([hit.customer_id for hit in hits])
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
        sql, own_values = _selection(rank, probe)
        parts.append(f"({sql} LIMIT {rows})")
        values += own_values
    statement = " UNION ALL ".join(parts)
    if not search.is_fair and len(parts) > 1:
        # Parts are read in turn: the costly last one is not even begun when the first suffice.
        statement = f"{statement} LIMIT {rows}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        hits = [Hit(*row) for row in cursor.fetchall()]
    return _in_turn(hits, len(search.probes)) if search.is_fair else hits


def _selection(rank: int, probe: Probe) -> tuple[str, list[str]]:
    """The SELECT of one probe. What is written into it is ours; the term goes into the values.

    Labels of names and e-mails are empty, so the index alone can answer. Ranges and strpos
    stand where LIKE would tempt the planner to the trigrams, which are slower for beginnings.
    """
    label = "''" if probe.kind in WITHOUT_LABEL else "label"
    shown = f"SELECT {rank} AS rank, customer_id, kind, key, {label}"
    kind = f"kind = '{probe.kind}'"
    if probe.where is Where.MIDDLE:
        words = (probe.text, *probe.words)
        conditions = " AND ".join("key LIKE %s" for _ in words)
        return f"{shown} FROM crm_searchkey WHERE {kind} AND {conditions}", [
            f"%{word}%" for word in words
        ]
    if probe.where is Where.WHOLE:
        return f"{shown} FROM crm_searchkey WHERE {kind} AND key = %s", [probe.text]
    is_end = probe.where is Where.END
    key, text = ("reverse(key)", probe.text[::-1]) if is_end else ("key", probe.text)
    conditions = f"{kind} AND {key} ~>=~ %s AND {key} ~<~ %s"
    near = f"FROM crm_searchkey WHERE {conditions} ORDER BY {key} USING ~<~"
    values = [text, text + LAST_SIGN]
    if not probe.words:
        return f"{shown} {near}", values
    near = f"FROM (SELECT customer_id, kind, key {near} LIMIT {KEYS_LOOKED_THROUGH}) AS near"
    conditions = " AND ".join("strpos(key, %s) > 0" for _ in probe.words)
    return f"{shown} {near} WHERE {conditions}", [*values, *(f" {word}" for word in probe.words)]


def _customers(ids: list[int]) -> dict[int, Customer]:
    """The current customers of these keys with main_phone and main_email, in one statement."""
    return {customer.pk: customer for customer in Customer.objects.raw(SUMMARIES, [ids])}


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
    if hit.kind not in (Kind.NAME, Kind.TURNED_NAME):
        return hit.kind, hit.label or hit.key
    is_own = sorted(hit.key.split()) == sorted(fold(customer.name).split())
    # Another name came with a customer who was merged into this one.
    return Kind.NAME.value, customer.name if is_own else hit.key.title()
