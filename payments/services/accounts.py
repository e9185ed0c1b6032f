"""Provider accounts as the hot paths read them."""

from __future__ import annotations

from time import monotonic

from payments import registry
from payments.models import ProviderAccount

REMEMBERED_FOR_S = 5.0

_remembered: dict[str, tuple[float, ProviderAccount]] = {}


def by_public_id(public_id: str) -> ProviderAccount | None:
    """Return an account, read at most every five seconds; one that may not be used is not found.

    A delivery then costs one statement, its own, and a rotated secret is known in seconds.
    """
    now = monotonic()
    known = _remembered.get(public_id)
    if known is not None and known[0] > now:
        return known[1]
    account = ProviderAccount.objects.filter(public_id=public_id, is_enabled=True).first()
    if account is None or not registry.is_usable(account.kind):
        _remembered.pop(public_id, None)
        return None
    _remembered[public_id] = (now + REMEMBERED_FOR_S, account)
    return account


def forget() -> None:
    """Read every account again at its next use."""
    _remembered.clear()
