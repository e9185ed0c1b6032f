"""How far a customer has come at the keypad, read from the steps. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    type Step = tuple[str, str, int, str]

STEPS = ("asked", "asked_again", "digits", "entered", "again", "ask_refused")
MOST_MISTAKES = 3
"""After so many of one field nobody is asked by itself: the agent says how to go on."""


@dataclass(slots=True)
class FieldProgress:
    """One field: asked for, so many digits keyed, entered, or keyed wrongly so many times."""

    name: str
    is_asked: bool = False
    is_entered: bool = False
    digits: int = 0
    mistakes: int = 0
    code: str = ""


@dataclass(slots=True)
class KeypadProgress:
    """Where a capture stands. `fields` are in the order in which they are asked for."""

    fields: list[FieldProgress] = field(default_factory=list)

    @property
    def current(self) -> FieldProgress | None:
        """What the customer keys now."""
        return next((one for one in self.fields if one.is_asked), None)

    @property
    def is_complete(self) -> bool:
        return bool(self.fields) and all(one.is_entered for one in self.fields)

    @property
    def stuck(self) -> FieldProgress | None:
        """The field that went wrong too often to be asked for by itself."""
        missing = next((one for one in self.fields if not one.is_entered), None)
        is_stuck = missing is not None and not missing.is_asked
        return missing if is_stuck and missing and missing.mistakes >= MOST_MISTAKES else None

    def next_to_ask(self) -> str:
        """The field to ask for by itself now, if any."""
        if self.current is not None or self.stuck is not None:
            return ""
        return next((one.name for one in self.fields if not one.is_entered), "")


def read(names: Sequence[str], steps: Iterable[Step]) -> KeypadProgress:
    """Read steps in the order of time, each a status, a field, digits and a code.

    Fields that the gateway does not have are none.
    """
    found = KeypadProgress([FieldProgress(name) for name in names])
    for step in steps:
        take(found, step)
    return found


def take(found: KeypadProgress, step: Step) -> None:
    """Read one more step."""
    status, name, digits, code = step
    one = next((one for one in found.fields if one.name == name), None)
    if one is None:
        return
    if status in {"asked", "asked_again"}:
        for other in found.fields:
            other.is_asked = other is one
        one.is_entered, one.digits = False, 0
        if status == "asked_again":
            one.mistakes, one.code = 0, ""
    elif status == "digits" and one.is_asked:
        one.digits = max(one.digits, digits)
    elif status == "entered":
        one.is_asked, one.is_entered, one.code = False, True, ""
    elif status in {"again", "ask_refused"}:
        one.is_asked, one.mistakes, one.code = False, one.mistakes + 1, code
