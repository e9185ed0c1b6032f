"""Bars that lie: where each stands in a drawing. Pure; the template draws them.

Widths are shares of the whole drawing, as CSS-free SVG attributes want them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW_HEIGHT = 42
TEXT_AT = 14
BAR_AT = 22
SECOND_AT = 32
LONGEST_LABEL = 30
SHORTEST = 0.4
"""What is not nothing is seen, per cent of the width."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one bar shows; `second` is a thin bar beneath it, `band` from where to where it was.

    All of one unit, and none below zero.
    """

    label: str
    text: str
    value: int
    second: int = 0
    tone: str = ""
    band: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its words, placed. `y` positions are pixels, widths are per cent."""

    label: str
    text: str
    width: str
    second_width: str
    tone: str
    text_y: int
    y: int
    second_y: int
    band_x: str = ""
    band_width: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars on one scale, which ends at the greatest value or at the given whole."""

    bars: list[Bar]
    height: int


def chart(measured: Sequence[Measured], *, whole: int | None = None) -> Chart:
    """Place the bars one beneath the other. Their widths are true to one common scale."""
    greatest = max((max(one.value, one.second) for one in measured), default=0)
    scale = whole or greatest or 1
    bars = [_bar(one, scale, index * ROW_HEIGHT) for index, one in enumerate(measured)]
    return Chart(bars, len(bars) * ROW_HEIGHT)


def _bar(one: Measured, scale: int, top: int) -> Bar:
    return Bar(
        label=_short(one.label),
        text=one.text,
        width=_width(one.value, scale),
        second_width=_width(one.second, scale) if one.second else "",
        tone=one.tone,
        text_y=top + TEXT_AT,
        y=top + BAR_AT,
        second_y=top + SECOND_AT,
        band_x=f"{100 * one.band[0] / scale:.2f}%" if one.band else "",
        band_width=_width(one.band[1] - one.band[0], scale) if one.band else "",
    )


def _width(value: int, scale: int) -> str:
    share = 100 * value / scale
    return f"{max(share, SHORTEST if value else 0):.2f}%"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"
