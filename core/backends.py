"""What Django's own permission questions are answered from: the role, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import policy

if TYPE_CHECKING:
    from core.models import User


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
