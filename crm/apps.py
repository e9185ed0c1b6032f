"""The app of the customers."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Who the customers are, how they are reached, and what happened with them."""

    name = "crm"
    verbose_name = _("Customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say how crm's own timeline entries and merged rows are treated, and name its pages."""
        from crm import places
        from crm.services import registrations

        registrations.register_all()
        places.register_all()
