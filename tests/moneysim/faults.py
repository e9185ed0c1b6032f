"""What goes wrong in one schedule. The *rates* are drawn from the seed, so schedules differ."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# The greatest rate of each fault, and how many of a hundred schedules have it at all.
MOST: Mapping[str, tuple[float, int]] = {
    "crash": (0.012, 60),
    "crash_after_commit": (0.05, 30),
    "database_lost": (0.01, 30),
    "commit_unanswered": (0.03, 25),
    "unavailable": (0.3, 40),
    "too_many": (0.2, 25),
    "lost_request": (0.4, 45),
    "lost_answer": (0.4, 60),
    "server_error": (0.3, 40),
    "unreadable": (0.08, 30),
    "late_request": (0.5, 45),
    "slow": (0.4, 50),
    "near_timeout": (0.3, 30),
    "key_in_flight": (1.0, 50),
    "outage": (0.15, 25),
    "read_fails": (0.4, 40),
    "stale_read": (0.5, 35),
    "decline": (0.3, 40),
    "answer_lost_to_client": (0.15, 40),
    "webhook_lost": (0.6, 40),
    "webhook_twice": (0.6, 50),
    "webhook_late": (0.8, 50),
    "webhook_forged": (0.2, 30),
    "task_lost": (0.3, 40),
    "task_twice": (0.5, 50),
    "task_late": (0.5, 50),
    "redis_gone": (0.2, 25),
    "redis_emptied": (0.05, 25),
    "gateway_lost": (0.4, 40),
    "gateway_unavailable": (0.5, 30),
    "gateway_refuses": (0.3, 25),
    "rush": (0.03, 35),
}
HAPPEN = tuple(name for name in MOST if name != "rush")
"""Those that happen at one place and are counted; haste is a habit of the whole schedule."""
LONGEST_DELAYS_S = (5.0, 5.0, 60.0, 60.0, 600.0, 7_200.0, 72 * 3_600.0)

HEALS_AFTER_S = (600.0, 600.0, 3 * 3_600.0)
OUTAGES_S = (1_200.0, 3 * 3_600.0, 10 * 3_600.0, 30 * 3_600.0)
"""Some are longer than a provider keeps its keys."""
TIMEOUTS_S = (3.0, 10.0, 60.0)
"""What a request of the API waits, what an adapter waits, and how long a sender's lease lasts."""


class Faults:
    """The faults of one schedule. `without` switches some off; the others stay as they were."""

    def __init__(
        self,
        seed: object,
        without: Collection[str] = (),
        rates: Mapping[str, float] | None = None,
    ) -> None:
        self.rates = {name: _rate(name, seed) for name in MOST}
        others = Random(f"others:{seed}")
        if others.randrange(10) == 0:
            self.rates["webhook_lost"] = 1.0
        self.rates |= rates or {}
        self.rates |= dict.fromkeys(without, 0.0)
        self.longest_delay_s = others.choice(LONGEST_DELAYS_S)
        self.heals_after_s = others.choice(HEALS_AFTER_S)
        self.stay = others.choice((0.0, 0.3, 0.6, 0.9))
        self.gateway_honours_key = others.random() < 0.5
        self._streams = {name: Random(f"{name}:{seed}") for name in MOST}
        self._delays = Random(f"delays:{seed}")
        self.is_on = True
        self.planned: list[str] = []
        self.seen: dict[str, int] = {}

    @classmethod
    def none(cls) -> Faults:
        """A world in which nothing goes wrong."""
        return cls(0, without=MOST)

    def outage(self) -> float:
        """Draw how long a provider is gone. Nothing heals before it is back."""
        lasts_s = self._delays.choice(OUTAGES_S)
        self.heals_after_s = max(self.heals_after_s, lasts_s)
        return lasts_s

    def at_a_timeout(self) -> float:
        """Draw a wait that ends just before or just after somebody's patience."""
        return round(self._delays.choice(TIMEOUTS_S) - 0.5 + self._delays.random(), 3)

    def hit(self, name: str) -> bool:
        """Draw whether this fault happens here and now. One that is planned happens once."""
        if name in self.planned:
            self.planned.remove(name)
            self.seen[name] = self.seen.get(name, 0) + 1
            return True
        rate = self.rates[name]
        if not self.is_on or not rate or self._streams[name].random() >= rate:
            return False
        self.seen[name] = self.seen.get(name, 0) + 1
        return True

    def delay(self, most: float | None = None) -> float:
        """Draw how many seconds something takes, mostly few."""
        longest = self.longest_delay_s if most is None else most
        return round(longest * self._delays.random() ** 3, 3)

    def within(self, most: float) -> float:
        """Draw an instant within some seconds, each as likely."""
        return round(most * self._delays.random(), 3)

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.is_on = False


def _rate(name: str, seed: object) -> float:
    """Draw a fault's rate from dice of its own: a new fault changes nothing of the others."""
    most, share = MOST[name]
    dice = Random(f"rate {name}:{seed}")
    return dice.random() * most if dice.randrange(100) < share else 0.0
