"""Which ways to pay work now, so that an agent offers another before a customer waits in vain.

A provider account is out of reach for half a minute after a request could not be delivered to
it. Beyond that the last quarter of an hour is looked at: how the requests that open a page or
charge a saved method ended. A card that was refused says nothing against its provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from core import rows
from core.remembered import Remembered
from payments.services import accounts

if TYPE_CHECKING:
    from payments.models import ProviderAccount

    type Counted = dict[tuple[int, str], tuple[int, int]]

LOOKED_BACK = timedelta(minutes=15)
ENOUGH = 4
"""Fewer requests than these say nothing."""
REMEMBERED_FOR_S = 5.0
ENDED = """
    SELECT a.account_id, a.method, count(*),
           count(*) FILTER (WHERE o.has_lost_answer OR o.status IN ('unknown', 'not_executed'))
      FROM payments_paymentattempt a
      JOIN payments_provideroperation o ON o.attempt_id = a.id
     WHERE a.created_at >= %s AND o.kind IN ('create', 'charge')
       AND o.status NOT IN ('created', 'sent')
     GROUP BY 1, 2
"""

_looked: Remembered[bool, dict[str, list[MethodHealth]]] = Remembered(REMEMBERED_FOR_S)


class Level(IntEnum):
    """How well something works; the greater the better."""

    DOWN = 0
    UNSTEADY = 1
    WELL = 2


@dataclass(frozen=True, slots=True)
class MethodHealth:
    """A way to pay: as well as the best account that takes it, and who does worse."""

    method: str
    level: Level
    troubled: dict[str, Level]
    """Accounts by name that take the method and do not work well, in the order of use."""
    relief: str
    """The name of the account that takes it instead; empty unless one in trouble is replaced."""


def of_methods(currency: str, *, is_practice: bool = False) -> list[MethodHealth]:
    """Say of each way to pay in a currency how well it works, in the order of their use.

    Looks at most every five seconds. No account at all gives an empty list.
    """
    return everywhere(is_practice=is_practice).get(currency, [])


def everywhere(*, is_practice: bool = False) -> dict[str, list[MethodHealth]]:
    """Say the same of every currency that an account takes, by one look at all of them."""
    return _looked.get(is_practice, lambda: _look(is_practice=is_practice))


def forget() -> None:
    """Look again at the next question, at the accounts, too."""
    _looked.forget()
    accounts.forget()


def _look(*, is_practice: bool) -> dict[str, list[MethodHealth]]:
    enabled = accounts.enabled_lately(is_practice=is_practice)
    in_order = sorted(enabled, key=lambda account: (account.priority, account.pk))
    counted = _count(timezone.now() - LOOKED_BACK)
    currencies = sorted({currency for account in in_order for currency in account.currencies})
    return {
        currency: _of_methods([one for one in in_order if currency in one.currencies], counted)
        for currency in currencies
    }


def _of_methods(taking: list[ProviderAccount], counted: Counted) -> list[MethodHealth]:
    methods = dict.fromkeys(method for account in taking for method in account.methods)
    return [
        _of(method, [account for account in taking if method in account.methods], counted)
        for method in methods
    ]


def _of(method: str, taking: list[ProviderAccount], counted: Counted) -> MethodHealth:
    levels = {one.name: _level(one, *counted.get((one.pk, method), (0, 0))) for one in taking}
    best = max(levels, key=lambda name: levels[name])
    troubled = {name: level for name, level in levels.items() if level < Level.WELL}
    is_relieved = bool(troubled) and levels[best] is Level.WELL
    return MethodHealth(method, levels[best], troubled, best if is_relieved else "")


def _level(account: ProviderAccount, ended: int, in_trouble: int) -> Level:
    if not account.is_healthy:
        return Level.DOWN
    return Level.UNSTEADY if ended >= ENOUGH and 2 * in_trouble >= ended else Level.WELL


def _count(since: datetime) -> Counted:
    """Per account and method: requests that ended, and those not answered as they should be."""
    return {
        (account_id, method): (ended, in_trouble)
        for account_id, method, ended, in_trouble in rows.select(ENDED, [since])
    }
