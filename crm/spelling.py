"""How names are folded for finding and keyed for sorting. Pure; knows no database."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose into a base letter and a mark.
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ð": "d", "ł": "l", "þ": "th"}
)
# å, ä and ö stand after z in Finnish; these three ASCII signs do the same in the "C" collation.
AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "w": "v"})
PARTICLES = frozenset({"von", "af", "de", "van", "der", "den", "da", "di", "la", "le"})
APOSTROPHES = re.compile("['`\u2019\u00b4]")
NOT_WORD = re.compile(r"[\W_]+")
NOT_SORTED = re.compile(r"(?:[^\w{|}]|_)+")


def without_marks(text: str) -> str:
    """Letters without their accents: ä becomes a, é becomes e."""
    decomposed = unicodedata.normalize("NFKD", text.translate(UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def fold(text: str) -> str:
    """Words as they are compared when searching: lower case, no accents, w as v, single spaces."""
    plain = without_marks(APOSTROPHES.sub("", text).casefold()).replace("w", "v")
    return NOT_WORD.sub(" ", plain).strip()


def turned(folded: str) -> list[str]:
    """The same words with each later word in front once, so that any word can start a prefix."""
    words = folded.split()
    return [" ".join(words[at:] + words[:at]) for at in range(1, len(words))]


def collation_key(text: str) -> str:
    """Finnish alphabetical order as plain ASCII: å, ä, ö after z, and w equal to v."""
    lowered = unicodedata.normalize("NFC", APOSTROPHES.sub("", text).casefold())
    plain = without_marks(lowered.translate(AFTER_Z))
    return NOT_SORTED.sub(" ", plain).strip()


def surname_first(name: str) -> str:
    """A person's name as lists sort it: the last word, with its particles, before the others."""
    words = name.split()
    start = len(words) - 1
    while start > 0 and words[start - 1].casefold() in PARTICLES:
        start -= 1
    return " ".join(words[start:] + words[:start]) if start > 0 else name
