"""What an agent may have meant by what was typed. Pure; knows no database.

A term becomes a plan of probes, each one lookup in an index, the likeliest first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from crm.spelling import fold

COUNTRY_CODE = "358"
LEAST_LETTERS = 2
LEAST_DIGITS = 3
LEAST_LAST_DIGITS = 4
LEAST_MIDDLE_LETTERS = 3
MOST_CHARACTERS = 100
MOST_WORDS = 6

DIGITS_ONLY = re.compile(r"^\+?[\d\s().\-/\u00a0\u2010-\u2015]+$")
NOT_DIGIT = re.compile(r"\D")
NUMBERS = ("invoice", "order", "business_id", "external")
LOOKS_LIKE_ADDRESS = re.compile(r"[._\d]")
RF_REFERENCE = re.compile(r"^rf\d\d\d+$")


class Where(StrEnum):
    """Which part of a key must match. START also wants the other words to begin words."""

    START = "start"
    END = "end"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Probe:
    """One lookup: keys of this kind of which this part is `text` and which hold `words`, too."""

    kind: str
    where: Where
    text: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The lookups for one term. A fair plan shows hits of every probe, else the first ones win."""

    probes: tuple[Probe, ...] = ()
    is_fair: bool = False


NOTHING = Plan()


def compact(text: str) -> str:
    """Numbers and ids as they are compared: folded letters and digits, nothing between."""
    return fold(text).replace(" ", "")


def plan(term: str) -> Plan:
    """How to look for a term; NOTHING where it is too short to say anything."""
    text = term.replace("\x00", "").strip()[:MOST_CHARACTERS]
    if "@" in text:
        return _email(text)
    if DIGITS_ONLY.match(text):
        return _digits(text)
    return Plan((*_code(text), *_name(text)))


def _email(text: str) -> Plan:
    address = "".join(text.split()).lower()
    return Plan((Probe("email", Where.START, address),)) if len(address) > 1 else NOTHING


def _digits(text: str) -> Plan:
    """Phones in any notation, or the beginning of a number that we or a bank gave."""
    plain = text.replace("(0)", "")
    digits = NOT_DIGIT.sub("", plain)
    if len(digits) < LEAST_DIGITS:
        return NOTHING
    if plain.startswith("+"):
        return Plan((Probe("phone", Where.START, digits),))
    found = _phones(digits)
    if len(digits) == LEAST_LAST_DIGITS:
        found.append(Probe("last4", Where.START, digits))
    found += [Probe(kind, Where.START, digits) for kind in NUMBERS]
    found.append(_reference(digits))
    return Plan(tuple(found), is_fair=True)


def _phones(digits: str) -> list[Probe]:
    if digits.startswith("00"):
        starts = [digits[2:]]
    elif digits.startswith("0"):
        starts = [COUNTRY_CODE + digits[1:]]
    else:
        starts = [digits, COUNTRY_CODE + digits]
    found = [Probe("phone", Where.START, start) for start in starts]
    if len(digits) >= LEAST_LAST_DIGITS:
        found.append(Probe("phone", Where.END, digits))
    return found


def _reference(digits: str) -> Probe:
    """Banks print reference numbers with leading zeros that are no part of them."""
    return Probe("reference", Where.START, digits.lstrip("0") or "0")


def _code(text: str) -> list[Probe]:
    """Letters and digits: a number of ours, an RF reference (ISO 11649), or another's id."""
    code = compact(text)
    if len(code) < LEAST_DIGITS or not any(sign.isdigit() for sign in code):
        return []
    if RF_REFERENCE.match(code):
        return [_reference(code[4:])]
    return [Probe(kind, Where.START, code) for kind in NUMBERS]


def _name(text: str) -> list[Probe]:
    """Words in any order, each the beginning of a word; then anywhere in the name."""
    words = sorted(fold(text).split()[:MOST_WORDS], key=len, reverse=True)
    if sum(map(len, words)) < LEAST_LETTERS:
        return []
    # Which word is the rarer one is not known here, so each of the two longest leads once.
    found = [
        Probe(kind, Where.START, words[lead], (*words[:lead], *words[lead + 1 :]))
        for lead in range(min(2, len(words)))
        for kind in ("name", "turned")
    ]
    if " " not in text:
        address = Probe("email", Where.START, text.lower())
        found.insert(0 if LOOKS_LIKE_ADDRESS.search(text) else len(found), address)
    if len(words[-1]) >= LEAST_MIDDLE_LETTERS:
        found.append(Probe("name", Where.MIDDLE, words[0], tuple(words[1:])))
    return found
