"""The pages of crm that one may go to from anywhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from crm.palette import Place, register


def register_all() -> None:
    """Offer the pages of crm in the palette and to the chords. Safe to repeat."""
    register(10, Place("crm:desk", _("Desk"), Permission.SEARCH, "g d"))
    register(15, Place("crm:create-customer", _("New customer"), Permission.EDIT_CUSTOMER, "g n"))
    register(20, Place("crm:tasks", _("Tasks"), Permission.VIEW_CUSTOMER, "g t"))
    register(80, Place("crm:settings", _("Settings"), None, "g s"))
    register(85, Place("crm:help", _("Help"), None, "g h"))
    register(90, Place("admin:index", _("Admin"), Permission.VIEW_AUDIT, "g m"))
    register(
        25,
        Place(
            "crm:create-task-of",
            _("New task for the customer"),
            Permission.EDIT_TASK,
            is_of_customer=True,
        ),
    )
    register(
        20,
        Place(
            "crm:customer-tab",
            _("Write a note"),
            Permission.EDIT_CUSTOMER,
            is_of_customer=True,
            arguments=("notes",),
            field="n",
        ),
    )
