"""Where adapters are found: the settings, then the entry points of installed packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from threading import Lock
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.utils.module_loading import import_string

from payments.errors import ProviderNotInstalled
from payments.providers.errors import ProviderUnavailable

if TYPE_CHECKING:
    from payments.keypads.base import KeypadGateway
    from payments.models import Keypad, ProviderAccount
    from payments.providers.base import Provider

ENTRY_POINT_GROUP = "kuitti.providers"
KEYPAD_ENTRY_POINT_GROUP = "kuitti.keypads"

_adapters: dict[tuple[int, str], Provider] = {}
_gateways: dict[tuple[int, str], KeypadGateway] = {}
_lock = Lock()


@cache
def provider_class(kind: str) -> type[Provider]:
    """Return the adapter for a kind of provider. Raises ProviderNotInstalled."""
    if path := settings.PAYMENT_PROVIDERS.get(kind):
        return cast("type[Provider]", import_string(path))
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=kind):
        return cast("type[Provider]", entry.load())
    raise ProviderNotInstalled(kind=kind)


def installed_kinds() -> list[str]:
    """Return every kind of provider that there is an adapter for."""
    found = {entry.name for entry in entry_points(group=ENTRY_POINT_GROUP)}
    return sorted(found | set(settings.PAYMENT_PROVIDERS))


def is_usable(kind: str) -> bool:
    """Whether accounts of the kind may be used here: where no money moves, only for training."""
    try:
        is_for_training = provider_class(kind).manifest.is_for_training
    except ProviderNotInstalled:
        return False
    return not is_for_training or _is_training()


def usable_kinds() -> list[str]:
    """Return every kind of provider an account may have here."""
    return [kind for kind in installed_kinds() if is_usable(kind)]


def _is_training() -> bool:
    return bool(settings.DEBUG or settings.TRAINING_MODE or settings.KUITTI_DEMO)


def provider_for(account: ProviderAccount) -> Provider:
    """Return the account's adapter, one object per account and set of credentials.

    The adapter keeps its connections open between calls and is safe to share by threads.
    Raises ProviderNotInstalled, and ProviderUnavailable for one that is for training where
    nobody trains: whoever "paid" there would have paid nothing.
    """
    if provider_class(account.kind).manifest.is_for_training and not _is_training():
        raise ProviderUnavailable("This provider is for training only.", code="training_only")
    fingerprint = repr(sorted(account.credentials.items()))
    key = (account.pk, fingerprint)
    with _lock:
        if key not in _adapters:
            for stale in [other for other in _adapters if other[0] == account.pk]:
                del _adapters[stale]
            _adapters[key] = provider_class(account.kind)(account.credentials)
        return _adapters[key]


@cache
def keypad_class(kind: str) -> type[KeypadGateway]:
    """Return the adapter for a kind of keypad gateway. Raises ProviderNotInstalled."""
    if path := settings.PAYMENT_KEYPADS.get(kind):
        return cast("type[KeypadGateway]", import_string(path))
    for entry in entry_points(group=KEYPAD_ENTRY_POINT_GROUP, name=kind):
        return cast("type[KeypadGateway]", entry.load())
    raise ProviderNotInstalled(kind=kind)


def usable_keypads() -> list[str]:
    """Return every kind of keypad gateway that may be used here."""
    found = {entry.name for entry in entry_points(group=KEYPAD_ENTRY_POINT_GROUP)}
    kinds = sorted(found | set(settings.PAYMENT_KEYPADS))
    return [kind for kind in kinds if is_usable_keypad(kind)]


def is_usable_keypad(kind: str) -> bool:
    """Whether a kind of keypad gateway may be used here: where no money moves, only to train."""
    try:
        is_for_training = keypad_class(kind).manifest.is_for_training
    except ProviderNotInstalled:
        return False
    return not is_for_training or _is_training()


def keypad_for(keypad: Keypad) -> KeypadGateway:
    """Return a keypad's adapter, one object per keypad and set of credentials.

    Raises ProviderNotInstalled, and ProviderUnavailable for one for training on a server.
    """
    if keypad_class(keypad.kind).manifest.is_for_training and not _is_training():
        raise ProviderUnavailable("This gateway is for training only.", code="training_only")
    key = (keypad.pk, repr(sorted(keypad.credentials.items())))
    with _lock:
        if key not in _gateways:
            for stale in [other for other in _gateways if other[0] == keypad.pk]:
                del _gateways[stale]
            _gateways[key] = keypad_class(keypad.kind)(keypad.credentials)
        return _gateways[key]
