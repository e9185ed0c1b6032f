"""Money is exact, in every currency of ISO 4217, in every language of ours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    EXPONENTS,
    AmountUnreadable,
    CurrencyMismatch,
    Money,
    UnknownCurrency,
    exponent,
    format_money,
)

CURRENCIES = sorted(EXPONENTS)
MINORS = st.integers(min_value=-(10**15), max_value=10**15)
MONEYS = st.builds(Money, MINORS, st.sampled_from(CURRENCIES))


@pytest.mark.parametrize(
    ("currency", "decimals"), [("JPY", 0), ("ISK", 0), ("EUR", 2), ("KWD", 3), ("IQD", 3)]
)
def test_the_number_of_decimals_is_that_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["", "eur", "XXX", "EURO", "€", None])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, currency)


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_minor_units_are_an_int_and_nothing_else(minor: int) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")


def test_a_float_is_never_an_amount() -> None:
    with pytest.raises(TypeError):
        Money.of_major(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(1, "EUR") * 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        Money(1, "EUR") * True
    with pytest.raises(TypeError):
        Money(1, "EUR") + 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("-0.01", "EUR", -1),
        ("1E+2", "EUR", 10_000),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("12.500", "EUR", 1250),
    ],
)
def test_whole_units_become_minor_units(text: str, currency: str, minor: int) -> None:
    assert Money.of_major(text, currency).minor == minor
    assert Money.of_major(Decimal(text), currency).minor == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"),
        ("1.5", "JPY"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1e999999999", "EUR"),
    ],
)
def test_what_the_currency_cannot_hold_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountUnreadable):
        Money.of_major(text, currency)


@given(MONEYS)
def test_whole_units_come_back_exactly(money: Money) -> None:
    assert Money.of_major(money.major, money.currency) == money


@pytest.mark.parametrize("locale", ["en", "fi", "sv", "de", "fr", "en-GB"])
@given(money=MONEYS)
def test_what_is_written_is_read_again(locale: str, money: Money) -> None:
    assert Money.parse(format_money(money, locale), money.currency, locale) == money


@pytest.mark.parametrize(
    ("text", "locale", "minor"),
    [
        ("12,50", "fi", 1250),
        ("12.50", "fi", 1250),
        ("1 234,5", "sv", 123_450),
        ("1\u00a0234,50 €", "fi", 123_450),
        ("\u22125,00 €", "fi", -500),
        ("1,234.50", "en", 123_450),
        ("€5", "en", 500),
        ("5 eur", "fi", 500),
        ("\uff11\uff12", "fi", 1200),
        ("1.234,50", "de", 123_450),
    ],
)
def test_people_write_amounts_in_many_ways(text: str, locale: str, minor: int) -> None:
    assert Money.parse(text, "EUR", locale) == Money(minor, "EUR")


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("12,50", "en"),  # Not 1250, and not 12.50: nobody can know.
        ("1.000", "fi"),
        ("1,000", "fi"),
        ("12,345", "fi"),
        ("1 2345", "fi"),
        ("1.234,50", "fi"),
        ("1e5", "en"),
        ("", "fi"),
        ("-", "fi"),
        ("12,", "fi"),
        ("5 5", "fi"),
        ("\u0663", "en"),
        ("9" * 41, "fi"),
        ("5 SEK", "fi"),
    ],
)
def test_an_amount_that_could_be_another_is_refused(text: str, locale: str) -> None:
    with pytest.raises(AmountUnreadable):
        Money.parse(text, "EUR", locale)


@given(MONEYS, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=20))
def test_the_parts_of_a_split_always_add_up(money: Money, weights: list[int]) -> None:
    if not any(weights):
        weights[0] = 1

    parts = money.split(weights)

    assert sum((part.minor for part in parts), 0) == money.minor
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * total - money.minor * weight) < total
        assert not (weight == 0 and part.minor)


def test_the_largest_remainder_gets_the_last_unit() -> None:
    parts = Money(100, "EUR").split([1, 1, 1])

    assert [part.minor for part in parts] == [34, 33, 33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_mean_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"weights|empty"):
        Money(100, "EUR").split(weights)


@pytest.mark.parametrize(
    ("minor", "basis_points", "share"),
    [(10_000, 255, 255), (50, 100, 1), (49, 100, 0), (-50, 100, -1), (1, 5_000, 1), (7, 0, 0)],
)
def test_a_share_rounds_halves_away_from_zero(minor: int, basis_points: int, share: int) -> None:
    assert Money(minor, "EUR").share_bp(basis_points) == Money(share, "EUR")


def test_currencies_do_not_mix() -> None:
    euro, krona = Money(1, "EUR"), Money(1, "SEK")

    for mix in (
        lambda: euro + krona,
        lambda: euro - krona,
        lambda: euro < krona,
        lambda: euro >= krona,
    ):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert euro != krona


@given(MINORS, MINORS, st.sampled_from(CURRENCIES))
def test_sums_and_comparisons_are_those_of_integers(one: int, two: int, currency: str) -> None:
    first, second = Money(one, currency), Money(two, currency)

    assert (first + second).minor == one + two
    assert (first - second).minor == one - two
    assert (-first).minor == -one
    assert abs(first).minor == abs(one)
    assert (first < second, first <= second) == (one < two, one <= two)
    assert (first > second, first >= second) == (one > two, one >= two)
    assert bool(first) == bool(one)
    assert (3 * first).minor == 3 * one


def test_money_reads_plainly_in_logs() -> None:
    assert str(Money(-4_000, "EUR")) == "-40.00 EUR"
    assert str(Money(500, "JPY")) == "500 JPY"
