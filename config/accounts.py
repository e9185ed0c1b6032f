"""Who may have an account: an administrator decides, nobody signs up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made in the admin; the public door is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False
