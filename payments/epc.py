"""Codes for the camera of a phone, drawn here as images: no script, nothing from elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import segno
from django.conf import settings
from segno import helpers

from core.money import EXPONENTS

if TYPE_CHECKING:
    from payments.services.transfers import Transfer

EURO = "EUR"
SCALE = 3
# The European Payments Council's guidelines, EPC069-12: at least a cent, less than a billion.
MOST = 99_999_999_999
NAME_LENGTH = 70


def payment_code(transfer: Transfer) -> str:
    """A transfer as the code that bank apps read, as the address of an image.

    Empty where the code cannot say it: it knows euros only.
    """
    amount = transfer.amount
    if amount.currency != EURO or not 0 < amount.minor <= MOST:
        return ""
    code = helpers.make_epc_qr(
        name=settings.MERCHANT_NAME[:NAME_LENGTH],
        iban=settings.MERCHANT_IBAN,
        bic=settings.MERCHANT_BIC or None,
        amount=Decimal(amount.minor).scaleb(-EXPONENTS[EURO]),
        reference=transfer.rf_reference,
    )
    return code.svg_data_uri(scale=SCALE, light="#fff")


def link_code(address: str) -> str:
    """An address as a code, as the address of an image."""
    return segno.make_qr(address, error="m").svg_data_uri(scale=SCALE, light="#fff")
