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
    "decided_otherwise": _("The provider says otherwise than two people had decided."),
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

SUBJECTS: dict[str, StrOrPromise] = {
    "intent": _("payment"),
    "session": _("link"),
    "attempt": _("attempt"),
    "decline": _("attempt"),
    "capture": _("money taken"),
    "cancellation": _("letting go"),
    "refund": _("refund"),
    "approval": _("second person"),
    "decision": _("decision"),
    "move": _("move of surplus"),
    "dispute": _("dispute"),
}

STATUSES: dict[str, StrOrPromise] = {
    "asked": _("asked"),
    "approved": _("approved"),
    "refused": _("refused"),
    "withdrawn": _("withdrawn"),
    "moved": _("moved"),
    "taken_back": _("taken back"),
    "created": _("created"),
    "queued": _("message asked for"),
    "sent": _("message sent"),
    "delivered": _("message delivered"),
    "opened": _("opened"),
    "method_chosen": _("way to pay chosen"),
    "started": _("keypad reached for"),
    "asked_again": _("asked again"),
    "digits": _("digits keyed"),
    "entered": _("keyed"),
    "again": _("keyed wrongly"),
    "ask_refused": _("could not be asked"),
    "charging": _("charge asked for"),
    "confirm_refused": _("charge not carried out"),
    "hung_up": _("call ended"),
    "waits_for_card": _("terminal waits for a card"),
    "waits_for_pin": _("terminal waits for the PIN"),
    "closed": _("closed"),
    "expired": _("expired"),
    "unknown": _("no answer yet"),
    "pending": _("under way"),
    "declined": _("declined"),
    "not_executed": _("not carried out"),
    "canceled": _("cancelled"),
    "authorised": _("authorised"),
    "succeeded": _("succeeded"),
    "failed": _("failed"),
    "needs_response": _("needs an answer"),
    "under_review": _("being decided"),
    "lost": _("lost"),
    "won": _("won"),
}

DEEDS: dict[str, StrOrPromise] = {
    "payment_intent.created": _("asked for the payment"),
    "payment_intent.canceled": _("cancelled the payment"),
    "checkout_session.opened": _("opened a link"),
    "checkout_session.resent": _("sent the link again"),
    "checkout_session.shown": _("showed the link as a code"),
    "checkout_session.closed": _("closed the link"),
    "checkout_session.charged": _("charged what was keyed"),
    "payment_attempt.charged": _("charged a saved method"),
    "capture.requested": _("took reserved money"),
    "cancellation.requested": _("let reserved money go"),
    "refund.requested": _("asked for a refund"),
    "refund.approved": _("approved the refund"),
    "refund.refused": _("refused the refund"),
    "refund.withdrawn": _("withdrew the refund"),
    "surplus.asked": _("asked to move surplus"),
    "surplus.moved": _("moved surplus"),
    "surplus.approved": _("approved moving surplus"),
    "surplus.refused": _("refused moving surplus"),
    "surplus.withdrawn": _("withdrew moving surplus"),
    "surplus.taken_back": _("took moved surplus back"),
    "outcome.asked": _("said what became of a request"),
    "outcome.approved": _("approved what became of a request"),
    "outcome.refused": _("did not believe what became of a request"),
    "outcome.withdrawn": _("took back what became of a request"),
}

LEDGER: dict[str, StrOrPromise] = {
    "provider-clearing": _("at the provider"),
    "customer-funds": _("the customer’s money"),
    "receivable": _("owed by the customer"),
    "disputed": _("disputed"),
    "dispute-losses": _("dispute losses"),
    "provider-fees": _("provider’s fees"),
    "revenue": _("revenue"),
    "vat-payable": _("VAT payable"),
}


def first_sentence(text: str) -> str:
    """Return the first sentence without its full stop: what happened."""
    return text.partition(". ")[0].rstrip(".")


def hint_after(text: str) -> str:
    """Return what stands after the first sentence: what to offer."""
    return text.partition(". ")[2]
