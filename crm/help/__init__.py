"""The help of each screen: plain files, one a screen and language, read once and never executed.

A file says what the screen is for, how the usual things are done there, and what people ask
about it. The English one names the pages that it belongs to. Where a language has no file the
English one is shown, and said to be.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = (ENGLISH, "fi")


@dataclass(frozen=True, slots=True)
class Step:
    """One usual thing: what one wants, the keys to press one after the other, and a sentence."""

    do: str
    how: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What people ask about a screen."""

    ask: str
    answer: str


@dataclass(frozen=True, slots=True)
class Screen:
    """The help of one screen in one language. `views` names its pages, as `name` or `name tab`."""

    name: str
    language: str
    order: int
    views: tuple[str, ...]
    title: str
    purpose: str
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]

    def answers(self, words: Iterable[str]) -> bool:
        """Whether every word that is asked for begins a word of the help."""
        own = fold(" ".join(self.texts())).split()
        return all(any(mine.startswith(word) for mine in own) for word in words)

    def texts(self) -> list[str]:
        """All sentences of it, in their order."""
        steps = [text for step in self.steps for text in (step.do, step.how)]
        questions = [text for one in self.questions for text in (one.ask, one.answer)]
        return [self.title, self.purpose, *steps, *questions]


def screens(language: str) -> list[Screen]:
    """Every screen in the order of the house; in English where the language has none."""
    own = _read_all(language) if language in LANGUAGES else {}
    found = [own.get(name, screen) for name, screen in _read_all(ENGLISH).items()]
    return sorted(found, key=lambda screen: (screen.order, screen.name))


def find(name: str, language: str) -> Screen | None:
    """The help of a screen by its name."""
    return next((screen for screen in screens(language) if screen.name == name), None)


def name_for(view: str, tab: str = "") -> str:
    """The name of the screen that a page belongs to, or nothing where no help is about it."""
    return _names().get(f"{view} {tab}") or _names().get(view, "")


def search(term: str, language: str) -> list[Screen]:
    """The screens that speak of every word of a term; those named so stand first."""
    words = fold(term).split()
    found = [screen for screen in screens(language) if screen.answers(words)]
    return sorted(found, key=lambda screen: not any(word in fold(screen.title) for word in words))


@cache
def _names() -> dict[str, str]:
    return {view: one.name for one in _read_all(ENGLISH).values() for view in one.views}


@cache
def _read_all(language: str) -> dict[str, Screen]:
    files = sorted((HERE / language).glob("*.toml"))
    return {path.stem: _read(path, language) for path in files}


def _read(path: Path, language: str) -> Screen:
    """Read one file. Raises KeyError or TypeError where its form is another one."""
    told: dict[str, Any] = tomllib.loads(path.read_text())
    return Screen(
        name=path.stem,
        language=language,
        order=told["order"],
        views=tuple(told.get("views", ())),
        title=told["title"],
        purpose=told["purpose"],
        steps=tuple(
            Step(one["do"], one["how"], tuple(one.get("keys", ()))) for one in told["steps"]
        ),
        questions=tuple(Question(**one) for one in told["questions"]),
    )
