from __future__ import annotations

import pytest

from core.errors import CardNumberRefused
from crm.contact_values import normalise_email, normalise_phone, phone_label
from crm.errors import EmailUnusable, PhoneUnusable


@pytest.mark.parametrize(
    "typed",
    ["040 123 4567", "0401234567", "+358 40 1234567", "00358401234567", "+358 (0)40 123 4567"],
)
def test_a_finnish_number_in_any_notation_is_one_number(typed: str) -> None:
    assert normalise_phone(typed) == "+358401234567"


def test_a_foreign_number_keeps_its_country() -> None:
    assert normalise_phone("+46 70 123 45 67") == "+46701234567"
    assert phone_label("+46701234567") == "+46 70 123 45 67"


@pytest.mark.parametrize("typed", ["", "12", "hello", "040 123 456 789 012", "040 1234567 ext. 5"])
def test_what_no_network_has_is_refused(typed: str) -> None:
    with pytest.raises(PhoneUnusable):
        normalise_phone(typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["4111 1111 1111 1111", "378282246310005"])
def test_a_card_number_is_no_phone(typed: str) -> None:
    with pytest.raises(CardNumberRefused):
        normalise_phone(typed)


def test_addresses_are_kept_in_lower_case() -> None:
    assert normalise_email(" Aino.Makinen@Example.COM ") == "aino.makinen@example.com"


@pytest.mark.parametrize("typed", ["", "aino", "aino@", "aino@example", "a b@example.com"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(EmailUnusable):
        normalise_email(typed)


@pytest.mark.django_db
def test_a_card_number_is_no_address() -> None:
    with pytest.raises(CardNumberRefused):
        normalise_email("4111111111111111@example.com")
