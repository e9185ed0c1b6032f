"""The pages of payments that one may go to from anywhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from crm.palette import Place, register


def register_all() -> None:
    """Offer the pages of payments in the palette and to the chords. Safe to repeat."""
    register(30, Place("payments:list", _("Payments"), Permission.VIEW_PAYMENT, "g p"))
    register(
        29,
        Place(
            "payments:approvals",
            _("Waits for a second person"),
            Permission.APPROVE_REFUND,
            "g a",
        ),
    )
    register(
        33, Place("payments:unknown", _("Without an answer"), Permission.DECIDE_OUTCOME, "g w")
    )
    register(31, Place("payments:review", _("Needs a look"), Permission.VIEW_PAYMENT, "g l"))
    register(32, Place("payments:parked", _("Parked deliveries"), Permission.VIEW_PAYMENT, "g k"))
    register(
        10,
        Place(
            "crm:customer-tab",
            _("Send a payment link"),
            Permission.TAKE_PAYMENT,
            is_of_customer=True,
            arguments=("pay",),
            field="l",
        ),
    )
