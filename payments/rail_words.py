"""Words of the rail that are chosen by a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REVIEW_REASONS: dict[str, StrOrPromise] = {
    "other_currency": _("Money came in another currency than was asked for."),
    "captured_beyond_amount": _("More was taken than was asked for. The rest is the customer’s."),
    "returned_beyond_capture": _("More went back to the customer than was taken."),
    "refunded_at_provider": _("A refund was made at the provider, not here. The invoice is open."),
    "paid_after_cancel": _("It was paid after it had been cancelled. Agree with the customer."),
}

QUESTION: dict[str, StrOrPromise] = {
    "other": _("Would another card or MobilePay suit you?"),
    "again": _("Would you like to try once more?"),
    "later": _("Shall we look for another way?"),
}

SENT: dict[str, dict[str, StrOrPromise]] = {
    "sms": {
        "queued": _("SMS on its way"),
        "sent": _("SMS sent"),
        "delivered": _("SMS delivered"),
        "failed": _("SMS not delivered"),
        "unknown": _("Unknown whether the SMS was sent"),
    },
    "email": {
        "queued": _("E-mail on its way"),
        "sent": _("E-mail sent"),
        "delivered": _("E-mail delivered"),
        "failed": _("E-mail not delivered"),
        "unknown": _("Unknown whether the e-mail was sent"),
    },
}


def first_sentence(text: str) -> str:
    """Return the first sentence without its full stop: what happened."""
    return text.partition(". ")[0].rstrip(".")


def hint_after(text: str) -> str:
    """Return what stands after the first sentence: what to offer."""
    return text.partition(". ")[2]
