"""What crm itself writes to customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext

from crm.models import Feedback
from crm.services import feedback_links
from crm.services.messages import Rendered

if TYPE_CHECKING:
    from crm.models import OutgoingMessage


def render_feedback_request(message: OutgoingMessage) -> Rendered:
    """Ask how the call went, and say where to answer. The address is made here and not kept."""
    feedback = Feedback.objects.get(public_id=message.data["feedback"])
    values = {
        "merchant": settings.MERCHANT_NAME,
        "address": feedback_links.address_of(feedback),
    }
    text = gettext("%(merchant)s: how did our call go? Answer here: %(address)s") % values
    subject = gettext("How did our call go?")
    html = (
        render_to_string("crm/messages/feedback.html", values) if message.channel == "email" else ""
    )
    return Rendered(subject, text, html)
