"""Finnish reference numbers and their international form, made, read and printed.

The national form (viitenumero) has 4 to 20 digits, the last of which is a check digit with
the weights 7, 3, 1 from the right (Finance Finland, "Kotimaisen viitteen rakenneohje"). The
international form is `RF`, two check digits modulo 97 and up to 21 characters (ISO 11649).
"""

from __future__ import annotations

import re

WEIGHTS = (7, 3, 1)
SHORTEST, LONGEST = 4, 20
LONGEST_INSIDE_RF = 21

_FINNISH = re.compile(r"[0-9]{4,20}")
_INTERNATIONAL = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


class ReferenceUnreadable(ValueError):
    """The text is no reference number, or its check digits do not agree with the rest."""


def finnish_reference(base: str) -> str:
    """Make the reference number for 3 to 19 digits of one's own; refuses anything else."""
    digits = base.lstrip("0")
    if not re.fullmatch(r"[0-9]+", base) or not SHORTEST <= len(digits) + 1 <= LONGEST:
        raise ReferenceUnreadable(base)
    return digits + _check_digit(digits)


def rf_reference(reference: str) -> str:
    """Make the international form of a reference; refuses what is longer than 21 characters."""
    inside = _compact(reference).lstrip("0")
    if not re.fullmatch(rf"[0-9A-Z]{{1,{LONGEST_INSIDE_RF}}}", inside):
        raise ReferenceUnreadable(reference)
    return f"RF{98 - _number(inside + 'RF00') % 97:02d}{inside}"


def is_finnish_reference(text: str) -> bool:
    """Whether 4 to 20 digits without spaces end in the right check digit."""
    if not _FINNISH.fullmatch(text) or not text.strip("0"):
        return False
    return _check_digit(text[:-1]) == text[-1]


def is_rf_reference(text: str) -> bool:
    """Whether a reference without spaces is international and its check digits are right."""
    return bool(_INTERNATIONAL.fullmatch(text)) and _number(text[4:] + text[:4]) % 97 == 1


def normalise_reference(text: str) -> str:
    """Read a reference as it is stored: no spaces, capitals, no leading zeros.

    Both forms are read; what is neither, or fails its check digits, raises ReferenceUnreadable.
    """
    compact = _compact(text)
    if is_rf_reference(compact):
        return compact[:4] + compact[4:].lstrip("0")
    if is_finnish_reference(compact):
        return compact.lstrip("0")
    raise ReferenceUnreadable(text)


def print_reference(reference: str) -> str:
    """Print a reference for people: national in fives from the right, international in fours."""
    if reference.startswith("RF"):
        return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))
    first = len(reference) % 5
    groups = [reference[:first]] if first else []
    return " ".join(groups + [reference[i : i + 5] for i in range(first, len(reference), 5)])


def _check_digit(digits: str) -> str:
    total = sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _number(text: str) -> int:
    """ISO 7064 MOD 97-10: letters count as 10 to 35."""
    return int("".join(str(int(character, 36)) for character in text))


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
