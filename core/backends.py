"""Who is signed in, and what Django's own permission questions are answered from: the role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.auth_backends import AuthenticationBackend

from core import policy, rows
from core.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class RoleBackend:
    """Lets administrators do what the admin's tables offer, and who sees the audit look.

    It signs nobody in, and is asked first: the role costs no query.
    """

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Know nobody by any credentials."""

    def has_perm(self, user: User, permission: str, obj: Any = None) -> bool:
        """Answer for a permission such as `payments.view_refund`."""
        del obj
        action = permission.partition(".")[2].partition("_")[0]
        return self._administers(user) or (action == "view" and self._looks(user))

    def has_module_perms(self, user: User, app_label: str) -> bool:
        """Say whether the person sees an app's tables in the admin at all."""
        del app_label
        return self._administers(user) or self._looks(user)

    def _administers(self, user: User) -> bool:
        return policy.allows(user, policy.ADMINISTER)

    def _looks(self, user: User) -> bool:
        return policy.allows(user, policy.VIEW_AUDIT)


class PeopleBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs people in as allauth does, and reads them by a statement that is planned once."""

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """Give the person of a session, unless they may no longer sign in."""
        found = rows.read(User, rows.BY_IDS, [[user_id]])
        return next((user for user in found if self.user_can_authenticate(user)), None)
