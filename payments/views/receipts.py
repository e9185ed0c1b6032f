"""The customer's receipt: a lasting page and its PDF, opened by the secret in the address."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from core import policy
from crm.views.public_pages import kept_secret, language_of, not_found, page
from payments.documents.receipt import Receipt
from payments.documents.receipt import receipt_pdf as printed
from payments.models import Capture
from payments.services import receipts

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


def _for_payers(
    view: Callable[[HttpRequest, Receipt, str], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Open a view to whoever holds the secret of a receipt; all others get a calm 404."""

    @wraps(view)
    def guarded(request: HttpRequest, capture_id: str, secret: str) -> HttpResponse:
        rows = Capture.objects.select_related("attempt__intent__customer", "attempt__session")
        capture = rows.filter(public_id=capture_id).first()
        if capture is None or not receipts.is_secret_of(capture, secret):
            return not_found(request)
        language = language_of(request, _language_of(capture))
        with translation.override(language):
            return kept_secret(view(request, Receipt(capture, language), secret))

    return policy.public(guarded)


@_for_payers
@require_safe
def receipt(request: HttpRequest, shown: Receipt, secret: str) -> HttpResponse:
    """Show what was paid, how, and what came back of it since."""
    if not shown.amount:
        return page(request, "payments/receipt_void.html", {"receipt": shown})
    pdf = reverse("payments:receipt-pdf", args=[shown.capture.public_id, secret])
    values = {
        "receipt": shown,
        "pdf_address": f"{pdf}?lang={shown.language}",
        "business_id": settings.MERCHANT_BUSINESS_ID,
        "postal_address": settings.MERCHANT_ADDRESS,
    }
    return page(request, "payments/receipt.html", values)


@_for_payers
@require_safe
def receipt_pdf(request: HttpRequest, shown: Receipt, secret: str) -> HttpResponse:
    """Give the receipt as a PDF. Money that did not come has none."""
    del secret
    if not shown.amount:
        return not_found(request)
    name = f"{shown.capture.public_id}.pdf"
    response = HttpResponse(printed(shown), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _language_of(capture: Capture) -> str:
    """Return the language of the link that was paid, else the customer's."""
    session = capture.attempt.session
    return session.language if session else capture.attempt.intent.customer.language
