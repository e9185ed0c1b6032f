"""The second factor: whoever can move money, refund, export or administer proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from core import policy
from core.fields import cipher

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User

SET_UP_PAGE = "mfa_index"
PROVE_PAGE = "mfa_reauthenticate"
THIS_MACHINE = frozenset({"127.0.0.1", "::1"})


def missing_step(request: HttpRequest, user: User) -> str:
    """Name the page that must come first: set a factor up, or prove it. Empty: go on.

    A session that was open while the factor was set up elsewhere must prove it, too. Once
    proved, a session costs no query.
    """
    if not policy.moves_money(user.role) or _is_proved(request, user):
        return ""
    if is_exempt_demo(request, user):
        return ""
    has_factor = Authenticator.objects.filter(user=user).exists()
    return PROVE_PAGE if has_factor else SET_UP_PAGE


def is_exempt_demo(request: HttpRequest, user: User) -> bool:
    """Say whether this is a demo login, in the demo, on a server that only this machine reaches."""
    is_local = request.META.get("SERVER_NAME") in THIS_MACHINE
    return bool(settings.KUITTI_DEMO) and is_local and user.is_demo


def _is_proved(request: HttpRequest, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" for record in records)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets encrypted, and the last factor of whoever needs one."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not policy.moves_money(authenticator.user.role):
            return True
        factors = Authenticator.objects.filter(user=authenticator.user)
        return bool(
            factors.exclude(pk=authenticator.pk)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .exists()
        )
