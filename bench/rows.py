"""The table: each row says what we measured, against what, and which goal it has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `figure` is what the goal speaks of; smaller is better unless said."""

    name: str
    ours: str
    anchor: str
    figure: float
    goal: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_short(self) -> bool:
        return self.figure < self.goal if self.at_least else self.figure > self.goal

    def cells(self) -> tuple[str, ...]:
        sign = "≥" if self.at_least else "≤"
        verdict = "short" if self.is_short else "ok"
        figure, goal = _plain(self.figure), _plain(self.goal)
        return (
            *(self.name, self.ours, self.anchor, f"{figure}{self.unit}"),
            *(f"{sign} {goal}{self.unit}", verdict),
        )


HEAD = ("row", "ours", "floor or anchor", "figure", "goal", "")


def against_floor(
    name: str, ours: Sequence[float], floors: Sequence[float], goal: float, unit: str = "ms"
) -> Row:
    """A ratio: the median of the rounds' own ratios, since both sides share a round's noise."""
    ratios = [one / floor for one, floor in zip(ours, floors, strict=True)]
    return Row(
        name,
        f"{median(ours):.2f} {unit}",
        f"{median(floors):.2f} {unit}",
        median(ratios),
        goal,
        "×",
    )


def limited(
    name: str, figure: float, goal: float, *, unit: str, anchor: str = "", at_least: bool = False
) -> Row:
    """A figure that has a limit of its own."""
    shown = f" {unit}" if unit else ""
    return Row(name, f"{_plain(figure)}{shown}", anchor, figure, goal, shown, at_least)


def draw(rows: Sequence[Row]) -> str:
    """The table as text, the columns in line."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    ruler = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (HEAD, ruler, *lines[1:])
    )


def _plain(value: float) -> str:
    if math.isinf(value):
        return "not measured"
    if value == int(value):
        return f"{int(value)}"
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"
