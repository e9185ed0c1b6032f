"""What orders writes to customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext

from core.writing import reader_locale, write_day, write_money
from crm.services.messages import Rendered
from orders.models import PromiseToPay

if TYPE_CHECKING:
    from crm.models import OutgoingMessage


def render_promise(message: OutgoingMessage) -> Rendered:
    """Confirm what was promised. It asks for nothing and carries no link."""
    promise = PromiseToPay.objects.get(public_id=message.data["promise"])
    values = {
        "merchant": settings.MERCHANT_NAME,
        "amount": write_money(promise.money),
        "day": write_day(promise.due_on, reader_locale()),
    }
    text = gettext("%(merchant)s: we agreed that you pay %(amount)s by %(day)s. Thank you.")
    subject = gettext("Agreed: %(amount)s by %(day)s") % values
    html = (
        render_to_string("orders/messages/promise.html", values)
        if message.channel == "email"
        else ""
    )
    # A non-breaking space takes an SMS out of its short alphabet.
    plain = (text % values).replace("\N{NO-BREAK SPACE}", " ")
    return Rendered(subject, plain, html)
