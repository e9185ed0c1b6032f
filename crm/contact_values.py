"""Phone numbers and e-mail addresses in the one form in which they are stored."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core import pan
from core.errors import CardNumberRefused
from crm.errors import EmailUnusable, PhoneUnusable

DEFAULT_REGION = "FI"
# In some countries the digits do not tell a mobile number from another one.
TAKES_TEXTS = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)


def normalise_phone(text: str) -> str:
    """The number in E.164, read as a Finnish one where it names no country.

    Raises PhoneUnusable for what no telephone network has, and CardNumberRefused.
    """
    if pan.looks_like_card(text):
        raise CardNumberRefused
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise PhoneUnusable from error
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise PhoneUnusable
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(text: str) -> str:
    """The address in lower case. Raises EmailUnusable and CardNumberRefused."""
    if pan.looks_like_card(text):
        raise CardNumberRefused
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise EmailUnusable from error
    return address


def phone_label(value: str) -> str:
    """An E.164 number with the spaces that its country uses: +358 40 1234567."""
    number = phonenumbers.parse(value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def can_get_texts(value: str) -> bool:
    """Whether an E.164 number is a mobile one, as far as its digits tell. Others get no texts."""
    kind = phonenumbers.number_type(phonenumbers.parse(value))
    return kind in TAKES_TEXTS
