"""Card numbers are found however they are written; what is not one stays."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.iso7064 import mod_97_10

from core import pan

# The test numbers that the networks and providers publish.
CARDS = [
    "4242424242424242",
    "4000056655665556",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "6555900000604105",
    "3566002020360505",
    "6200000000000005",
    "6205500000000000004",
    "6759649826438453",
    "2200000000000004",
]

DISGUISES = {
    "bare": lambda digits: digits,
    "in fours": lambda digits: " ".join(digits[i : i + 4] for i in range(0, len(digits), 4)),
    "dashes": lambda digits: "-".join(digits[i : i + 4] for i in range(0, len(digits), 4)),
    "dots": lambda digits: ".".join(digits[i : i + 3] for i in range(0, len(digits), 3)),
    "one by one": " ".join,
    "underscores": "_".join,
    "no-break spaces": "\u00a0".join,
    "zero-width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "line breaks": lambda digits: digits[:8] + "\n" + digits[8:],
    "full width": lambda digits: digits.translate({48 + i: 0xFF10 + i for i in range(10)}),
    "arabic": lambda digits: digits.translate({48 + i: 0x0660 + i for i in range(10)}),
    "keycaps": lambda digits: "".join(f"{digit}\ufe0f\u20e3" for digit in digits),
    "between letters": lambda digits: f"x{digits}y",
    "with its code": lambda digits: f"{digits} 12/28 123",
    "after a number": lambda digits: f"12 {digits}",
    "wide gaps": " -- ".join,
}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The numbers that are ours: none, until a test adds some. No other app is asked."""
    ours: set[str] = set()
    monkeypatch.setattr(pan, "known_references", [ours.intersection])
    return ours


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_found_and_masked_in_every_disguise(card: str, disguise: str) -> None:
    text = f"Customer says: {DISGUISES[disguise](card)}. Thanks"

    masked = pan.mask(text)

    assert pan.looks_like_card(text)
    assert not pan.looks_like_card(masked)
    seen = "".join(c for c in masked if c.isdigit())
    assert card not in seen
    assert masked.startswith("Customer says")
    assert masked.endswith("Thanks")


@given(st.text(), st.sampled_from(CARDS), st.text())
def test_words_around_a_card_do_not_hide_it(before: str, card: str, after: str) -> None:
    assert card not in pan.mask(f"{before}: {card} ;{after}")


@given(st.text(alphabet=st.sampled_from("0123456789 -.\nabFI"), max_size=80))
def test_masking_again_changes_nothing(text: str) -> None:
    once = pan.mask(text)

    assert pan.mask(once) == once
    assert not pan.looks_like_card(once)


@given(st.text())
def test_text_without_a_card_is_left_alone(text: str) -> None:
    if not pan.looks_like_card(text):
        assert pan.mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+358 40 123 4567",
        "+358401234567 and 0501234567",
        "2026-11-22 12:30:59",
        "Y-tunnus 2945082-3, order 100045",
        "1234 5678 9012 3456",  # No network begins with 1.
        "4242 4242 4242 4241",  # Luhn says no.
        "424242424242",  # Too short.
        "42424242424242424242",  # Too long: a Finnish reference can have 20 digits.
        "4242 4242 abcd 4242 4242",
        "FI21 1234 5600 0007 85",
        "fi2112345600000785",
        "IBAN:FI2112345600000785.",
    ],
)
def test_what_is_no_card_is_left_alone(text: str) -> None:
    assert pan.find(text) == []
    assert pan.mask(text) == text


def finnish_iban(random_source: random.Random) -> str:
    account = f"{random_source.choice('123456')}{random_source.randrange(10**12):012d}"
    account += luhn.calc_check_digit(account)
    number = f"{account}FI00"
    return f"FI{98 - mod_97_10.checksum(number):02d}{account}"


def test_no_valid_finnish_iban_is_ever_masked() -> None:
    source = random.Random(7)
    for _ in range(3_000):
        number = finnish_iban(source)
        assert iban.is_valid(number)
        grouped = " ".join(number[i : i + 4] for i in range(0, len(number), 4))

        assert pan.mask(f"Pay to {number}.") == f"Pay to {number}."
        assert pan.mask(f"Pay to {grouped} today") == f"Pay to {grouped} today"


def test_an_invalid_finnish_iban_hides_no_card() -> None:
    assert pan.mask("FI4242424242424242") == "FI••••4242"


def test_a_card_after_an_iban_is_still_found() -> None:
    assert pan.mask("FI21 1234 5600 0007 85, 4242 4242 4242 4242") == (
        "FI21 1234 5600 0007 85, ••••4242"
    )


def test_a_number_of_ours_is_exempt(known: set[str]) -> None:
    assert pan.looks_like_card("4242424242424242")

    known.add("4242424242424242")

    assert not pan.looks_like_card("4242 4242 4242 4242")
    assert pan.mask("ref 4242424242424242, card 5555555555554444") == (
        "ref 4242424242424242, card ••••4444"
    )


def test_allowed_digits_are_left_alone() -> None:
    allowed = frozenset({"4242424242424242"})

    assert pan.mask("4242 4242 4242 4242", allowed) == "4242 4242 4242 4242"


def test_every_published_card_passes_luhn_and_its_range() -> None:
    for card in CARDS:
        assert pan.passes_luhn(card)
        assert luhn.is_valid(card)
        assert len(card) in pan.lengths_of(card)


def test_long_texts_of_digits_are_quick() -> None:
    text = "4 " * 50_000

    assert pan.mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "4242 ja 4242 ja 4242 ja 4242",
        "4242, and then 4242, and then 4242, then 4242",
        "4242 viiva 4242 viiva 4242 viiva 4242",
        "42 sitten 42 sitten 42 sitten 42 sitten 42 sitten 42 sitten 42 sitten 42",
    ],
)
def test_words_that_part_groups_read_aloud_do_not_hide_a_card(text: str) -> None:
    assert pan.mask(f"Kortti on {text}, kiitos") == "Kortti on ••••4242, kiitos"


@pytest.mark.parametrize(
    "text",
    [
        "4242 lines 4242 rows 4242 4242",  # Other words part numbers from each other.
        "orders 4242424 ja 242424242",  # Nobody reads seven digits at once.
        "RF31 5872 8656 4340 5837 195",
        "rf3158728656434058371 95",
        "EE42 3754 9981 0955 4550",
        "DE38 6249 1413 5610 0107 57",
        "NO8246585649923",
        "0449559324, 040 7301189",
        "040 123 4567 / 050 765 4321",
    ],
)
def test_numbers_that_prove_what_they_are_stay(text: str) -> None:
    assert pan.mask(f"Note: {text}.") == f"Note: {text}."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("RF42 4242 4242 4242 42", "RF••••4242"),
        ("EE42 4242 4242 4242 4242", "EE••••4242"),
        ("no 4222222222222", "no ••••2222"),
        ("0401234567 4242424242424242", "0401234567 ••••4242"),
        ("+358401234567, 4242 4242 4242 4242", "+358401234567, ••••4242"),
        ("FI21 1234 5600 0007 85 4242 4242 4242 4242", "FI21 1234 5600 0007 85 ••••4242"),
    ],
)
def test_what_only_begins_like_a_proof_hides_no_card(text: str, masked: str) -> None:
    assert pan.mask(text) == masked


def test_a_reference_of_ours_printed_in_fives_is_exempt(known: set[str]) -> None:
    """Some of its groups together look like a card; the whole is ours."""
    printed = "34777 82693 01696 84512"
    assert pan.looks_like_card(printed)

    known.add("34777826930169684512")

    assert pan.mask(f"viite {printed}") == f"viite {printed}"
