"""The kernel: what every other app stands on."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Register what is sealed and which rows must exist after each migration."""
        from core import policy, reference, seals, statements  # they need the app registry

        reference.register(policy.ensure_role_limits)
        seals.register("core_auditevent", seals.AUDIT_COLUMNS)
        if settings.SERVER_TIMING:
            connection_created.connect(statements.count_on, dispatch_uid="core.statements")
        post_migrate.connect(reference.after_migrate, dispatch_uid="core.reference")


class RoleAdminConfig(AdminConfig):
    """Django's admin with the house's own door."""

    default_site = "core.admin_site.RoleAdminSite"
