"""What goes wrong in one schedule. The *rates* are drawn from the seed, so schedules differ."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# The greatest rate of each fault, and how many of a hundred schedules have it at all.
MOST: Mapping[str, tuple[float, int]] = {
    "crash": (0.012, 60),
    "unavailable": (0.3, 40),
    "too_many": (0.2, 25),
    "lost_request": (0.4, 45),
    "lost_answer": (0.4, 60),
    "server_error": (0.3, 40),
    "unreadable": (0.05, 25),
    "late_request": (0.5, 45),
    "slow": (0.4, 50),
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
    "gateway_lost": (0.3, 30),
    "rush": (0.03, 35),
}
LONGEST_DELAYS_S = (5.0, 5.0, 60.0, 60.0, 600.0, 7_200.0, 72 * 3_600.0)

OUTAGES_S = (600.0, 600.0, 3 * 3_600.0)


class Faults:
    """The faults of one schedule. `without` switches some off; the others stay as they were."""

    def __init__(self, seed: object, without: Collection[str] = ()) -> None:
        rates = Random(f"rates:{seed}")
        self.rates: dict[str, float] = {}
        for name, (most, share) in MOST.items():
            is_there, rate = rates.randrange(100) < share, rates.random() * most
            self.rates[name] = rate if is_there and name not in without else 0.0
        if rates.randrange(10) == 0 and "webhook_lost" not in without:
            self.rates["webhook_lost"] = 1.0
        self.longest_delay_s = rates.choice(LONGEST_DELAYS_S)
        self.heals_after_s = rates.choice(OUTAGES_S)
        self.stay = rates.choice((0.0, 0.3, 0.6, 0.9))
        self._streams = {name: Random(f"{name}:{seed}") for name in MOST}
        self._delays = Random(f"delays:{seed}")
        self.is_on = True
        self.planned: list[str] = []
        self.seen: dict[str, int] = {}

    @classmethod
    def none(cls) -> Faults:
        """A world in which nothing goes wrong."""
        return cls(0, without=MOST)

    def hit(self, name: str) -> bool:
        """Draw whether this fault happens here and now. One that is planned happens once."""
        if name in self.planned:
            self.planned.remove(name)
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
