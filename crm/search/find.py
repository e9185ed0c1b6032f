"""Search as you type: one statement over the keys, one for the customers. The term stays here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from django.db import connection

from core import pan, rows
from core.errors import CardNumberRefused
from crm.models import Customer, SearchKey
from crm.search.statement import statement_for
from crm.search.terms import Plan, plan
from crm.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = SearchKey.Kind

MOST_RESULTS = 50
# One customer can be found by several keys; so many more rows are read than are shown.
ROWS_PER_RESULT = 2

# Written by hand: putting the same query together from querysets costs more than running it.
SUMMARIES = """
    SELECT customer.*, phone.value AS main_phone, email.value AS main_email
    FROM crm_customer AS customer
    LEFT JOIN crm_contactpoint AS phone ON phone.customer_id = customer.id
        AND phone.kind = 'phone' AND phone.is_primary
    LEFT JOIN crm_contactpoint AS email ON email.customer_id = customer.id
        AND email.kind = 'email' AND email.is_primary
    WHERE customer.id = ANY(%s) AND customer.merged_into_id IS NULL
        AND customer.is_practice = %s
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


def find_customers(term: str, limit: int = 20, *, is_practice: bool = False) -> list[Match]:
    """The customers an agent may mean, the likeliest first, each with the reason.

    Practice customers are found in a lesson, and nobody else is then.

    Two statements, however long the result. The term is never stored or logged.
    Raises CardNumberRefused, before anything is asked, for what looks like a card number.
    """
    if pan.looks_like_card(term):
        raise CardNumberRefused
    wanted = min(limit, MOST_RESULTS)
    hits = _first_per_customer(_run(plan(term), wanted), wanted)
    if not hits:
        return []
    customers = _customers([hit.customer_id for hit in hits], is_practice=is_practice)
    return [
        Match(customers[hit.customer_id], *_reason(hit, customers[hit.customer_id]))
        for hit in hits
        if hit.customer_id in customers
    ]


def _run(search: Plan, wanted: int) -> list[Hit]:
    if not search.probes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*statement_for(search, wanted * ROWS_PER_RESULT))
        hits = [Hit(*row) for row in cursor.fetchall()]
    return _in_turn(hits, len(search.probes)) if search.is_fair else hits


def _customers(ids: list[int], *, is_practice: bool) -> dict[int, Customer]:
    """The current customers of these keys with main_phone and main_email, in one statement."""
    found = rows.fetch(Customer, SUMMARIES, [ids, is_practice])
    return {customer.pk: customer for customer in found}


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
