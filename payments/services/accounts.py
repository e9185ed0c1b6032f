"""Provider accounts as the hot paths read them."""

from __future__ import annotations

from core import rows
from core.remembered import Remembered
from payments import registry
from payments.models import Keypad, ProviderAccount, Terminal

REMEMBERED_FOR_S = 5.0
TAKING = "WHERE is_enabled AND %s = ANY(currencies) AND is_practice = %s ORDER BY priority, id"
ENABLED = "WHERE is_enabled ORDER BY priority, id"

_by_public_id: Remembered[str, ProviderAccount | None] = Remembered(REMEMBERED_FOR_S)
_enabled: Remembered[None, list[ProviderAccount]] = Remembered(REMEMBERED_FOR_S)
_keypads: Remembered[None, list[Keypad]] = Remembered(REMEMBERED_FOR_S)
_terminals: Remembered[None, list[Terminal]] = Remembered(REMEMBERED_FOR_S)


def by_public_id(public_id: str) -> ProviderAccount | None:
    """Return an account, read at most every five seconds; one that may not be used is not found.

    A delivery then costs one statement, its own, and a rotated secret is known in seconds.
    """
    return _by_public_id.get(public_id, lambda: _find(public_id))


def _find(public_id: str) -> ProviderAccount | None:
    found = rows.read(ProviderAccount, "WHERE public_id = %s AND is_enabled", [public_id])
    return found[0] if found and registry.is_usable(found[0].kind) else None


def taking(currency: str, *, is_practice: bool = False) -> list[ProviderAccount]:
    """Return the accounts that take a currency, the healthy and preferred ones first.

    Who practises is taken by accounts for practice, and everybody else by the others.
    """
    return _usable(rows.read(ProviderAccount, TAKING, [currency, is_practice]))


def enabled_lately(*, is_practice: bool = False) -> list[ProviderAccount]:
    """Return every account in use, read at most every five seconds: to show, not to decide."""
    enabled = _enabled.get(None, lambda: _usable(rows.read(ProviderAccount, ENABLED, [])))
    return [account for account in enabled if account.is_practice is is_practice]


def taking_lately(currency: str, *, is_practice: bool = False) -> list[ProviderAccount]:
    """Return what `taking` gave lately: to show, not to decide."""
    enabled = enabled_lately(is_practice=is_practice)
    return [account for account in enabled if currency in account.currencies]


def keypads_lately() -> list[Keypad]:
    """Return every keypad in use with its account, read at most every five seconds: to show."""
    return _keypads.get(None, _read_keypads)


def _read_keypads() -> list[Keypad]:
    found = Keypad.objects.filter(is_enabled=True).select_related("account").order_by("pk")
    return [one for one in found if registry.is_usable_keypad(one.kind) and _fits(one)]


def _fits(keypad: Keypad) -> bool:
    """Whether what is keyed can be charged at the keypad's account."""
    kinds = registry.keypad_class(keypad.kind).manifest.charges_at
    return keypad.account.kind in kinds and "card" in keypad.account.methods


def terminals_lately() -> list[Terminal]:
    """Return every terminal in use, read at most every five seconds: to show, not to decide."""
    return _terminals.get(None, lambda: list(Terminal.objects.filter(is_active=True)))


def forget() -> None:
    """Read every account again at its next use."""
    for lately in (_by_public_id, _enabled, _keypads, _terminals):
        lately.forget()


def _usable(enabled: list[ProviderAccount]) -> list[ProviderAccount]:
    usable = [account for account in enabled if registry.is_usable(account.kind)]
    return sorted(usable, key=lambda account: not account.is_healthy)
