"""What is owed: products, orders, invoices, and the money that was put on them."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register series, merges, timeline sentences and references with the lower apps."""
        from orders import registrations

        registrations.register_all()
