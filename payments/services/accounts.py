"""Provider accounts as the hot paths read them."""

from __future__ import annotations

from time import monotonic

from core import rows
from payments import registry
from payments.models import Keypad, ProviderAccount, Terminal

REMEMBERED_FOR_S = 5.0
TAKING = "WHERE is_enabled AND %s = ANY(currencies) AND is_practice = %s ORDER BY priority, id"
ENABLED = "WHERE is_enabled ORDER BY priority, id"

_remembered: dict[str, tuple[float, ProviderAccount]] = {}
_keypads_lately: list[tuple[float, list[Keypad]]] = []
_terminals_lately: list[tuple[float, list[Terminal]]] = []
_enabled_lately: list[tuple[float, list[ProviderAccount]]] = []


def by_public_id(public_id: str) -> ProviderAccount | None:
    """Return an account, read at most every five seconds; one that may not be used is not found.

    A delivery then costs one statement, its own, and a rotated secret is known in seconds.
    """
    now = monotonic()
    known = _remembered.get(public_id)
    if known is not None and known[0] > now:
        return known[1]
    found = rows.read(ProviderAccount, "WHERE public_id = %s AND is_enabled", [public_id])
    if not found or not registry.is_usable(found[0].kind):
        _remembered.pop(public_id, None)
        return None
    _remembered[public_id] = (now + REMEMBERED_FOR_S, found[0])
    return found[0]


def taking(currency: str, *, is_practice: bool = False) -> list[ProviderAccount]:
    """Return the accounts that take a currency, the healthy and preferred ones first.

    Who practises is taken by accounts for practice, and everybody else by the others.
    """
    return _usable(rows.read(ProviderAccount, TAKING, [currency, is_practice]))


def enabled_lately(*, is_practice: bool = False) -> list[ProviderAccount]:
    """Return every account in use, read at most every five seconds: to show, not to decide."""
    now = monotonic()
    if not _enabled_lately or _enabled_lately[0][0] <= now:
        found = _usable(rows.read(ProviderAccount, ENABLED, []))
        _enabled_lately[:] = [(now + REMEMBERED_FOR_S, found)]
    return [account for account in _enabled_lately[0][1] if account.is_practice is is_practice]


def taking_lately(currency: str, *, is_practice: bool = False) -> list[ProviderAccount]:
    """Return what `taking` gave lately: to show, not to decide."""
    enabled = enabled_lately(is_practice=is_practice)
    return [account for account in enabled if currency in account.currencies]


def keypads_lately() -> list[Keypad]:
    """Return every keypad in use with its account, read at most every five seconds: to show."""
    now = monotonic()
    if not _keypads_lately or _keypads_lately[0][0] <= now:
        found = Keypad.objects.filter(is_enabled=True).select_related("account").order_by("pk")
        usable = [one for one in found if registry.is_usable_keypad(one.kind) and _fits(one)]
        _keypads_lately[:] = [(now + REMEMBERED_FOR_S, usable)]
    return _keypads_lately[0][1]


def _fits(keypad: Keypad) -> bool:
    """Whether what is keyed can be charged at the keypad's account."""
    kinds = registry.keypad_class(keypad.kind).manifest.charges_at
    return keypad.account.kind in kinds and "card" in keypad.account.methods


def terminals_lately() -> list[Terminal]:
    """Return every terminal in use, read at most every five seconds: to show, not to decide."""
    now = monotonic()
    if not _terminals_lately or _terminals_lately[0][0] <= now:
        found = list(Terminal.objects.filter(is_active=True))
        _terminals_lately[:] = [(now + REMEMBERED_FOR_S, found)]
    return _terminals_lately[0][1]


def forget() -> None:
    """Read every account again at its next use."""
    _remembered.clear()
    _enabled_lately.clear()
    _keypads_lately.clear()
    _terminals_lately.clear()


def _usable(enabled: list[ProviderAccount]) -> list[ProviderAccount]:
    usable = [account for account in enabled if registry.is_usable(account.kind)]
    return sorted(usable, key=lambda account: not account.is_healthy)
