"""When the page of the takings is out of date, and who may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from core import policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

TAKINGS: Final = "takings"

# Ids only grow, so their sum does. What commits out of turn is seen by the page's own clock.
_VERSION = """
    SELECT coalesce((SELECT max(id) FROM payments_paymentevent), 0)
         + coalesce((SELECT max(id) FROM payments_paymentattempt), 0)
         + coalesce((SELECT max(id) FROM payments_checkoutsession), 0)
         + coalesce((SELECT max(id) FROM orders_invoice), 0)
         + coalesce((SELECT max(id) FROM orders_allocation), 0)
         + coalesce((SELECT max(id) FROM orders_creditnote), 0)
"""


def takings_version(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return a number that grows with whatever the figures are made of, for those who see them."""
    del ids
    if not policy.allows(user, policy.VIEW_REPORTS):
        return {}
    return {TAKINGS: version()}


def version() -> int:
    """Read it with one statement, from the ends of six indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        return int(cursor.fetchone()[0])
