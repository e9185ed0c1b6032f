"""The words of messages about payments, in the customer's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from core.money import format_money
from crm.services.messages import Rendered
from orders.reference_numbers import print_reference
from payments.models import Capture, CheckoutSession
from payments.services import links, receipts, transfers

if TYPE_CHECKING:
    from typing import Any

    from crm.models import OutgoingMessage


def render_link(message: OutgoingMessage) -> Rendered:
    """Say who asks for how much, and where to pay. The address is made here and not kept."""
    session = CheckoutSession.objects.select_related("intent").get(
        public_id=message.data["session"]
    )
    amount = format_money(session.intent.money, get_language() or "en")
    values = {
        "merchant": settings.MERCHANT_NAME,
        "amount": amount,
        "address": links.address_of(session),
        "description": session.intent.description,
    }
    text = gettext("%(merchant)s: pay %(amount)s here: %(address)s") % values
    subject = gettext("Pay %(amount)s to %(merchant)s") % values
    return Rendered(subject, _plain(text), _html("payments/messages/link.html", message, values))


def render_transfer(message: OutgoingMessage) -> Rendered:
    """Say to which account, how much, and with which reference: a line for each invoice."""
    session = CheckoutSession.objects.select_related("intent").get(
        public_id=message.data["session"]
    )
    language = get_language() or "en"
    lines = [
        gettext("%(amount)s, reference %(reference)s")
        % {
            "amount": format_money(one.amount, language),
            "reference": print_reference(one.reference),
        }
        for one in transfers.transfers_of(session)
    ]
    values = {
        "merchant": settings.MERCHANT_NAME,
        "iban": settings.MERCHANT_IBAN,
        "lines": lines,
    }
    text = gettext("%(merchant)s: pay to %(iban)s: %(figures)s") % {
        **values,
        "figures": "; ".join(lines),
    }
    subject = gettext("Your bank transfer to %(merchant)s") % values
    return Rendered(
        subject, _plain(text), _html("payments/messages/transfer.html", message, values)
    )


def render_receipt(message: OutgoingMessage) -> Rendered:
    """Say what was paid, and where the receipt is."""
    capture = Capture.objects.select_related("attempt__intent").get(
        public_id=message.data["capture"]
    )
    values = {
        "merchant": settings.MERCHANT_NAME,
        "amount": format_money(capture.money, get_language() or "en"),
        "address": receipts.address_of(capture),
        "description": capture.attempt.intent.description,
    }
    text = gettext("%(merchant)s: we received %(amount)s. Thank you. Receipt: %(address)s") % values
    subject = gettext("Receipt for %(amount)s") % values
    return Rendered(subject, _plain(text), _html("payments/messages/receipt.html", message, values))


def _html(template: str, message: OutgoingMessage, values: dict[str, Any]) -> str:
    return render_to_string(template, values) if message.channel == "email" else ""


def _plain(text: str) -> str:
    """Write ordinary spaces: a non-breaking one takes an SMS out of its short alphabet."""
    return text.replace("\N{NO-BREAK SPACE}", " ")
