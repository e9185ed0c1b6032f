"""Django's admin behind the house's own door: `core.policy` decides, allauth signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, auth
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core import policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.http import HttpRequest

OURS = frozenset({"core", "crm", "orders", "payments", "reporting", "training"})


class RoleAdminSite(admin.AdminSite):
    """Lets administrators in, and auditors to look. The staff and superuser flags open nothing.

    Only tables of ours stand here: those of other packages would let second factors be read
    and permissions be given past `core.policy`.
    """

    site_title = _("Kuitti administration")
    index_title = _("Tables")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return policy.allows(user, policy.ADMINISTER) or policy.allows(user, policy.VIEW_AUDIT)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Take in our own tables and leave out everybody else's."""
        models = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        )
        own = [model for model in models if model._meta.app_label in OURS]  # noqa: SLF001
        super().register(own, admin_class, **options)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send everybody to the one sign-in page. Refuses (403) those who are signed in."""
        del extra_context
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", "/admin/"), reverse("account_login"))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    @method_decorator(require_POST)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """End the session everywhere: there is only one."""
        del extra_context
        auth.logout(request)
        return redirect("account_login")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Send to the page where everybody changes their password."""
        del request, extra_context
        return redirect("account_change_password")
