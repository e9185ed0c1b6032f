"""Card numbers never enter. This is the guard at the door.

A candidate is 13 to 19 digits of any script that begins like a card (the issuer ranges of
ISO/IEC 7812, as the networks publish them) and satisfies Luhn. Between the digits may stand
anything but letters, and the words by which people part the groups when they read a card aloud.
Length, range and Luhn alone also hit valid reference numbers, so what is known to be ours is
exempt, and so are numbers that prove by themselves what they are (core/account_numbers.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core import account_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHORTEST, LONGEST = 13, 19
WIDEST_GAP = 4  # Characters between two digits of one number, such as " - ".
LONGEST_REFERENCE = 20
# A text with more candidates than this is no note: only they themselves are looked up, not what
# they may be parts of.
MOST_LOOKED_AROUND = 50
# Cards are read aloud in short groups; an order and an invoice with "and" between are longer.
LONGEST_SPOKEN = 5
_SPOKEN = re.compile(
    r"\W{0,4}(?:(?:and|then|space|dash|ja|sitten|väli|viiva|och|sen|mellanslag|streck)\W{1,4}){1,2}",
    re.IGNORECASE,
)

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


type Group = list[Digit]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks like a card number: text[start:end]."""

    start: int
    end: int
    digits: str


def find(text: str) -> list[Span]:
    """Find what looks like a card number, left to right, overlaps joined, exemptions left out."""
    if sum(map(str.isdigit, text)) < SHORTEST:
        return []
    candidates, around = _candidates(text)
    ours = _numbers_of_ours({span.digits for span in (*candidates, *around)})
    exempt = [span for span in (*candidates, *around) if span.digits in ours]
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


def _candidates(text: str) -> tuple[list[Span], list[Span]]:
    """Every card-like span, for each beginning the longest first; and what they may be parts of."""
    candidates: list[Span] = []
    around: list[Span] = []
    for run in _runs(_without_proven(text)):
        for begin in range(len(run)):
            for count, span in _from_group(run[begin : begin + LONGEST]):
                candidates.append(span)
                if len(candidates) <= MOST_LOOKED_AROUND:
                    around += _around(run, begin, begin + count)
    return candidates, around


def _without_proven(text: str) -> str:
    """The text with letters in place of the numbers that prove what they are."""
    for start, end in account_numbers.find(text):
        text = f"{text[:start]}{'x' * (end - start)}{text[end:]}"
    return text


def _from_group(groups: list[Group]) -> Iterator[tuple[int, Span]]:
    """Yield card-like spans that begin with the first group, longest first, and their groups."""
    taken: Group = []
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
    for count, end in reversed(list(enumerate(ends, start=1))):
        if end in lengths and passes_luhn(digits[:end]):
            yield count, Span(taken[0].at, taken[end - 1].at + 1, digits[:end])


def _around(run: list[Group], begin: int, end: int) -> Iterator[Span]:
    """Yield what groups before and after make of a span, as long as a reference can be."""
    widest = LONGEST_REFERENCE - SHORTEST
    for first in range(max(0, begin - widest), begin + 1):
        for last in range(end, min(len(run), end + widest) + 1):
            taken = [digit for group in run[first:last] for digit in group]
            if len(taken) > LONGEST_REFERENCE:
                break
            digits = "".join(digit.value for digit in taken)
            yield Span(taken[0].at, taken[-1].at + 1, digits)


def _runs(text: str) -> Iterator[list[Group]]:
    """Yield runs: groups of adjacent digits that may belong to one number."""
    run: list[Group] = []
    for group in _groups(text):
        if run and not _belong_together(text, run[-1], group):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def _groups(text: str) -> Iterator[Group]:
    group: Group = []
    for at, character in enumerate(text):
        value = unicodedata.digit(character, None)
        if value is not None:
            group.append(Digit(str(value), at))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _belong_together(text: str, before: Group, after: Group) -> bool:
    """Whether there is little between two groups, or a word that parts groups read aloud."""
    gap = text[before[-1].at + 1 : after[0].at]
    if not any(map(str.isalpha, gap)):
        return len(gap) <= WIDEST_GAP
    is_short = max(len(before), len(after)) <= LONGEST_SPOKEN
    return is_short and _SPOKEN.fullmatch(gap) is not None


def _numbers_of_ours(candidates: set[str]) -> set[str]:
    ours: set[str] = set()
    for known in known_references if candidates else ():
        ours |= known(candidates)
    return ours
