"""Where a text holds a number that proves by itself what it is: an account, a reference, a phone.

The card guard leaves these alone. Each says what it is by letters or a sign in front and by check
digits or a bound on both sides, so that a card number is not taken for one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Length of an IBAN by country: ISO 13616, as the IBAN registry of SWIFT lists the SEPA countries.
IBAN_LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GI": 23, "GL": 18,
    "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
LONGEST_IBAN = max(IBAN_LENGTHS.values())
# "RF", two check digits, and a Finnish reference of 4 to 20 digits.
RF_LENGTHS = range(8, 25)

# In Finland people write "FI 21 1234 …" too. Elsewhere "se 42…" and "no 42…" are words.
_BEGINNING = re.compile(r"(?<![A-Za-z0-9])(?:(FI|RF)[^\w]?|([A-Z]{2}))(?=[0-9]{2})", re.IGNORECASE)
_NEXT = re.compile(r"[^\w\n]?([A-Za-z0-9])")
_NATIONAL = r"0(?:4\d|50|[1235689]\d?)(?:[ -]?\d){5,8}"
_PHONE = re.compile(
    rf"(?:\+|(?<![\w+])00)[1-9](?:[ -]?\d){{7,13}}(?!\d)|(?<![\w+]){_NATIONAL}(?!\d)"
)
# What stands between a phone and the next number. A space may stand inside a number.
_PARTED = re.compile(r"\s*[^\W\d_]|\s*[,;/()]|\s*$|\s*[.:!?](?:\s|$)")
_PARTED_BEFORE = re.compile(r"(?:[^\W\d_]|[,;/():])\s*$|^\s*$")


class Stretch(NamedTuple):
    """A piece of a text: text[start:end]."""

    start: int
    end: int


def find(text: str) -> list[Stretch]:
    """Every account number, creditor reference and phone that proves itself, left to right."""
    found: list[Stretch] = []
    for one in sorted([*_with_letters(text), *_phones(text)]):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def passes_731(digits: str) -> bool:
    """Check the last digit of a Finnish reference, as Finance Finland's guide says."""
    weights = (7, 3, 1)
    total = sum(int(d) * weights[at % 3] for at, d in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])


def _with_letters(text: str) -> Iterator[Stretch]:
    for beginning in _BEGINNING.finditer(text):
        letters = (beginning[1] or beginning[2]).upper()
        end = _end_of(text, letters, beginning.end())
        if end:
            yield Stretch(beginning.start(), end)


def _end_of(text: str, letters: str, at: int) -> int:
    """Where the number that begins with these letters ends, or 0 where there is none."""
    lengths = RF_LENGTHS if letters == "RF" else {IBAN_LENGTHS.get(letters, 0)}
    number, ends = letters, 0
    while len(number) < LONGEST_IBAN and (following := _NEXT.match(text, at)):
        number += following[1].upper()
        at = following.end()
        is_whole = not text[at : at + 1].isalnum()
        if is_whole and len(number) in lengths and _is_valid(number):
            ends = at
    return ends


def _is_valid(number: str) -> bool:
    """Whether the check digits of ISO 7064 agree; those of a reference's own number, too."""
    turned = number[4:] + number[:4]
    if int("".join(str(int(character, 36)) for character in turned)) % 97 != 1:
        return False
    return not number.startswith("RF") or (number[4:].isdigit() and passes_731(number[4:]))


def _phones(text: str) -> Iterator[Stretch]:
    """Phones that stand apart from every other number."""
    for phone in _PHONE.finditer(text):
        is_parted = _PARTED.match(text, phone.end()) and _PARTED_BEFORE.search(
            text[max(0, phone.start() - 4) : phone.start()]
        )
        if is_parted:
            yield Stretch(*phone.span())
