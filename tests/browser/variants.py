"""The twelve looks of every page: colours, language and size of the screen."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

type Theme = Literal["light", "dark"]

THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES = ("en", "fi", "sv")
DESK = (1280, 720)
PHONE = (360, 740)


class Look(NamedTuple):
    """How a page is shown, apart from its language."""

    theme: Theme
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.theme} {self.size[0]}×{self.size[1]}"


class Variant(NamedTuple):
    """One of the twelve."""

    language: str
    look: Look

    def __str__(self) -> str:
        return f"{self.language} {self.look}"


LOOKS = tuple(Look(theme, size) for size, theme in product((DESK, PHONE), THEMES))
VARIANTS = tuple(Variant(language, look) for language, look in product(LANGUAGES, LOOKS))
# What flows run in by default: each colour, each size, and the language with the longest words.
TWO = (Variant("en", Look("light", DESK)), Variant("fi", Look("dark", PHONE)))
