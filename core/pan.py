"""Card numbers never enter. This is the guard at the door.

A candidate is 13 to 19 digits of any script with anything but letters between them, that
begins like a card (the issuer ranges of ISO/IEC 7812, as the networks publish them) and
satisfies Luhn. Length, range and Luhn alone also hit valid reference numbers, so what is
known to be ours and valid Finnish IBANs are exempt.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHORTEST, LONGEST = 13, 19
WIDEST_GAP = 4  # Characters between two digits of one number, such as " - ".
_FINNISH_IBAN_DIGITS = 16  # After "FI": two check digits, then fourteen of the account.

known_references: list[Callable[[set[str]], set[str]]] = []
"""Functions that get candidates (digits only) and give back those which are numbers of ours."""

# (first prefix, last prefix, lengths): prefixes of one row have the same number of digits.
_RANGES: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 18, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),  # American Express
    (300, 305, frozenset(range(14, 20))),  # Diners Club
    (3095, 3095, frozenset(range(14, 20))),  # Diners Club
    (36, 36, frozenset(range(14, 20))),  # Diners Club
    (38, 39, frozenset(range(14, 20))),  # Diners Club
    (6011, 6011, frozenset(range(16, 20))),  # Discover
    (644, 649, frozenset(range(16, 20))),  # Discover
    (65, 65, frozenset(range(16, 20))),  # Discover, RuPay
    (3528, 3589, frozenset(range(16, 20))),  # JCB
    (62, 62, frozenset(range(16, 20))),  # UnionPay
    (81, 81, frozenset(range(16, 20))),  # UnionPay, RuPay
    (50, 50, frozenset(range(13, 20))),  # Maestro
    (56, 58, frozenset(range(13, 20))),  # Maestro
    (6304, 6304, frozenset(range(13, 20))),  # Maestro
    (67, 67, frozenset(range(13, 20))),  # Maestro
    (60, 60, frozenset({16})),  # RuPay
    (2200, 2204, frozenset(range(16, 20))),  # Mir
    (9792, 9792, frozenset({16})),  # Troy
)


class Digit(NamedTuple):
    """One digit of a text: its value, and where it stands."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks like a card number: text[start:end]."""

    start: int
    end: int
    digits: str


def find(text: str) -> list[Span]:
    """Find what looks like a card number, left to right, overlaps joined, exemptions left out."""
    candidates = list(_candidates(text))
    ours = _numbers_of_ours({candidate.digits for candidate in candidates})
    exempt = [candidate for candidate in candidates if candidate.digits in ours]
    found: list[Span] = []
    for candidate in candidates:
        if any(span.start <= candidate.start and candidate.end <= span.end for span in exempt):
            continue
        if not found or candidate.start >= found[-1].end:
            found.append(candidate)
        elif candidate.end > found[-1].end:
            found[-1] = Span(found[-1].start, candidate.end, candidate.digits)
    return found


def looks_like_card(text: str) -> bool:
    """Say whether the text holds a card number that is not one of our own numbers."""
    return bool(find(text))


def mask(text: str, allowed: frozenset[str] = frozenset()) -> str:
    """Replace card numbers by dots and their last four digits. `allowed` digits are left alone.

    Safe to repeat: masked text has nothing left to mask.
    """
    pieces, position = [], 0
    for span in find(text):
        if span.digits not in allowed:
            pieces += [text[position : span.start], "••••", span.digits[-4:]]
            position = span.end
    return "".join([*pieces, text[position:]])


def passes_luhn(digits: str) -> bool:
    """Check the last digit as ISO/IEC 7812-1 annex B says."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        number = int(character) * (2 if index % 2 else 1)
        total += number - 9 if number > 9 else number  # noqa: PLR2004 - the digit sum
    return total % 10 == 0


def lengths_of(prefix: str) -> frozenset[int]:
    """Give the lengths that cards with these first digits have; empty for no issuer's range."""
    found = [
        lengths
        for first, last, lengths in _RANGES
        if first <= int(prefix[: len(str(first))]) <= last
    ]
    return frozenset().union(*found)


def _candidates(text: str) -> Iterator[Span]:
    """Yield every card-like span, for each beginning the longest first."""
    if sum(map(str.isdigit, text)) < SHORTEST:
        return
    for groups in _runs(text):
        first = _groups_of_finnish_iban(text, groups)
        for begin in range(first, len(groups)):
            yield from _from_group(groups[begin : begin + LONGEST])


def _from_group(groups: list[list[Digit]]) -> Iterator[Span]:
    """Yield card-like spans that begin with the first group and end with any, longest first."""
    taken: list[Digit] = []
    ends: list[int] = []
    for group in groups:
        taken += group
        if len(taken) > LONGEST:
            break
        ends.append(len(taken))
    if not ends or ends[-1] < SHORTEST:
        return
    digits = "".join(digit.value for digit in taken)
    lengths = lengths_of(digits)
    for end in reversed(ends):
        if end in lengths and passes_luhn(digits[:end]):
            yield Span(taken[0].at, taken[end - 1].at + 1, digits[:end])


def _runs(text: str) -> Iterator[list[list[Digit]]]:
    """Yield runs: groups of adjacent digits with small gaps and no letter between them."""
    groups: list[list[Digit]] = []
    gap = 0
    for at, character in enumerate(text):
        value = unicodedata.digit(character, None)
        if value is not None:
            if not groups or gap:
                groups.append([])
            groups[-1].append(Digit(str(value), at))
            gap = 0
            continue
        gap += 1
        if groups and (character.isalpha() or gap > WIDEST_GAP):
            yield groups
            groups = []
    if groups:
        yield groups


def _groups_of_finnish_iban(text: str, groups: list[list[Digit]]) -> int:
    """Count the groups at the start of a run that are a valid Finnish IBAN, else 0."""
    start = groups[0][0].at
    if not re.search(r"(?<![^\W\d_])FI\W?$", text[max(0, start - 4) : start], re.IGNORECASE):
        return 0
    digits = ""
    for count, group in enumerate(groups, start=1):
        digits += "".join(digit.value for digit in group)
        if len(digits) >= _FINNISH_IBAN_DIGITS:
            # "FI" is 1518 in the sum of ISO 13616.
            is_valid = int(digits[2:] + "1518" + digits[:2]) % 97 == 1
            return count if len(digits) == _FINNISH_IBAN_DIGITS and is_valid else 0
    return 0


def _numbers_of_ours(candidates: set[str]) -> set[str]:
    ours: set[str] = set()
    for known in known_references if candidates else ():
        ours |= known(candidates)
    return ours
