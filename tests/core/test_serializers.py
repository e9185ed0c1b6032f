from __future__ import annotations

from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from core.money import Money
from core.serializers import (
    Choice,
    CurrencyCode,
    Flag,
    FreeText,
    Input,
    MoneyOutput,
    Nothing,
    PublicId,
    Text,
    Whole,
    read,
    show,
)

# Whether a card-like number is one of ours is asked of the database.
pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


class Everything(Input):
    text = Text(max_length=20, required=False)
    words = FreeText(max_length=20, required=False)
    id = PublicId(required=False)
    number = Whole(min_value=1, max_value=9, required=False)
    flag = Flag(required=False)
    choice = Choice(choices=["a", "b"], required=False)
    currency = CurrencyCode(required=False)


GOOD = {
    "text": "x",
    "words": "y",
    "id": "cus_1",
    "number": 1,
    "flag": False,
    "choice": "a",
    "currency": "EUR",
}


def codes(data: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as refusal:
        read(Everything, data)
    found: Any = refusal.value.get_codes()
    return {name: value[0] for name, value in found.items()}


def test_what_is_right_is_read_as_it_is() -> None:
    assert read(Everything, GOOD) == GOOD
    assert read(Nothing, {}) == {}


@pytest.mark.parametrize("name", ["text", "words", "id", "currency"])
@pytest.mark.parametrize("value", [1, 1.5, True, [], {}])
def test_nothing_is_turned_into_text(name: str, value: Any) -> None:
    assert codes({name: value}) == {name: "invalid"}


@pytest.mark.parametrize("value", ["1", 1.0, True, [], {}, "x"])
def test_nothing_is_turned_into_a_number(value: Any) -> None:
    assert codes({"number": value}) == {"number": "invalid"}


@pytest.mark.parametrize("value", ["true", "yes", 1, 0, "", [], {}])
def test_nothing_is_turned_into_true_or_false(value: Any) -> None:
    assert codes({"flag": value}) == {"flag": "invalid"}


@pytest.mark.parametrize("value", ["c", "", 1, True, [], ["a"], {}])
def test_a_word_that_is_no_choice_is_refused_and_not_repeated(value: Any) -> None:
    assert codes({"choice": value}) == {"choice": "invalid_choice"}


def test_a_refused_choice_does_not_say_what_was_chosen() -> None:
    with pytest.raises(ValidationError) as refusal:
        read(Everything, {"choice": CARD})

    assert "4111" not in str(refusal.value.detail)


@pytest.mark.parametrize("name", list(GOOD))
def test_null_is_not_a_value(name: str) -> None:
    assert codes({name: None}) == {name: "null"}


@pytest.mark.parametrize("code", ["eur", "EUX", "EURO", "E", "€"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    assert codes({"currency": code}) == {"currency": "currency_unknown"}


@pytest.mark.parametrize("name", ["text", "id", "currency"])
def test_a_card_number_is_refused_where_a_value_has_a_form(name: str) -> None:
    assert codes({name: CARD}) == {name: "card_number_refused"}


def test_a_card_number_among_free_words_is_masked_at_the_door() -> None:
    assert read(Everything, {"words": CARD}) == {"words": "••••1111"}


@pytest.mark.parametrize("text", ["nul\x00", "\ud800"])
def test_what_no_database_can_keep_is_refused(text: str) -> None:
    assert codes({"text": text, "words": text}).keys() == {"text", "words"}


def test_members_that_nobody_asked_for_are_refused_beside_what_else_is_wrong() -> None:
    assert codes({"number": 0, "nmber": 1}) == {"number": "min_value", "nmber": "unknown_field"}


def test_only_so_many_unknown_members_are_named() -> None:
    assert len(codes({f"x{number}": 1 for number in range(500)})) == 20


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_only_an_object_is_read(data: Any) -> None:
    with pytest.raises(ValidationError):
        read(Everything, data)


def test_money_is_shown_in_minor_units() -> None:
    assert show(MoneyOutput, Money(3_990, "KWD")) == {"amount": 3_990, "currency": "KWD"}


def test_one_serializer_serves_every_request_and_keeps_nothing_of_any() -> None:
    first = read(Everything, {"text": "x"})
    first["text"] = "changed"

    assert read(Everything, {"text": "y"}) == {"text": "y"}
    assert codes({"number": 0}) == {"number": "min_value"}
    assert read(Everything, {}) == {}
