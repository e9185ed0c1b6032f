"""The words of messages about payments, in the customer's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from core.money import format_money
from core.writing import reader_locale, write_day
from crm.services.messages import Rendered
from orders.models import InstalmentPlan
from orders.reference_numbers import print_reference
from payments.method_names import label_of
from payments.models import Capture, CheckoutSession, InstalmentMandate
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


def render_instalments(message: OutgoingMessage) -> Rendered:
    """Confirm what was agreed: every part and its day, and how each is paid."""
    plan = InstalmentPlan.objects.get(public_id=message.data["plan"])
    mandate = InstalmentMandate.objects.filter(plan=plan).select_related("method").first()
    locale = reader_locale()
    parts = [
        (write_day(part.due_on, locale), format_money(part.money, locale))
        for part in plan.instalments.select_related("plan").order_by("position")
    ]
    how = (
        gettext("We charge your %(method)s on each day.") % {"method": label_of(mandate.method)}
        if mandate is not None
        else gettext("On each day you get a link to pay by.")
    )
    values = {
        "merchant": settings.MERCHANT_NAME,
        "amount": format_money(plan.money, locale),
        "count": len(parts),
        "parts": parts,
        "how": how,
    }
    lines = "; ".join(f"{day} {amount}" for day, amount in parts)
    text = gettext("%(merchant)s: we agreed that you pay %(amount)s in %(count)s parts:") % values
    subject = gettext("Agreed: %(amount)s in %(count)s instalments") % values
    html = _html("payments/messages/instalments.html", message, values)
    return Rendered(subject, _plain(f"{text} {lines}. {how}"), html)
