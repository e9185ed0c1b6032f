"""When a page of the reports is out of date, and who may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from core import policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

TAKINGS: Final = "takings"
NOW: Final = "now"

# Ids only grow, so their sum does. What commits out of turn is seen by the page's own clock.
_VERSION = """
    SELECT coalesce((SELECT max(id) FROM payments_paymentevent), 0)
         + coalesce((SELECT max(id) FROM payments_paymentattempt), 0)
         + coalesce((SELECT max(id) FROM payments_checkoutsession), 0)
         + coalesce((SELECT max(id) FROM orders_invoice), 0)
         + coalesce((SELECT max(id) FROM orders_allocation), 0)
         + coalesce((SELECT max(id) FROM orders_creditnote), 0)
"""
# What changes a row without a new one beside it is seen by the page's own clock.
_VERSION_NOW = """
    SELECT coalesce((SELECT max(id) FROM crm_callevent), 0)
         + coalesce((SELECT sum(version) FROM crm_agentline), 0)
         + coalesce((SELECT max(id) FROM crm_outgoingmessage), 0)
         + coalesce((SELECT max(id) FROM payments_provideroperation), 0)
         + coalesce((SELECT max(id) FROM payments_webhookevent), 0)
         + coalesce((SELECT max(id) FROM payments_paymentevent), 0)
         + coalesce((SELECT max(id) FROM payments_paymentattempt), 0)
         + coalesce((SELECT max(id) FROM payments_checkoutsession), 0)
         + coalesce((SELECT max(id) FROM orders_promisetopay), 0)
         + coalesce((SELECT max(id) FROM orders_instalmentplan), 0)
"""


def takings_version(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return a number that grows with whatever the figures are made of, for those who see them."""
    del ids
    if not policy.allows(user, policy.VIEW_REPORTS):
        return {}
    return {TAKINGS: version()}


def now_version(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return a number that grows with most of what the board shows, for those who see it."""
    del ids
    if not policy.allows(user, policy.VIEW_REPORTS):
        return {}
    return {NOW: version_of_now()}


def version() -> int:
    """Read it with one statement, from the ends of six indexes."""
    return _read(_VERSION)


def version_of_now() -> int:
    """Read it with one statement: the ends of nine indexes, and a row for each agent."""
    return _read(_VERSION_NOW)


def _read(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
