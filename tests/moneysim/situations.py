"""What a schedule is made to hold. Whatever a situation leaves open is drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PLAYS = 2


@dataclass(frozen=True)
class Situation:
    """Where to look: a bug that shows in one place only is hunted there, not by luck.

    `plays` are those that are drawn from, `kinds` the providers, the first preferred, `rates`
    are of faults.
    """

    plays: tuple[str, ...] = ()
    most_plays: int = MOST_PLAYS
    kinds: tuple[str, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    stay: float | None = None
    """The share of steps after which the same actor goes on."""
    heals_after_s: float | None = None
    """How long nobody looks at anything before everything heals."""


ANY = Situation()
