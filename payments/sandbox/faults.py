"""How the sandbox misbehaves on demand. Drawn from a seeded generator, so runs repeat."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from payments.sandbox.ledger import Refused

RequestFault = Literal[
    "delay",  # wait, then carry out and answer
    "error_before",  # answer 500, nothing was done
    "error_after",  # carry out, answer 500
    "unavailable",  # answer 429, nothing was done
    "black_hole_before",  # take the request, do nothing, never answer
    "black_hole",  # carry out, never answer
    "reset_before",  # reset the connection, nothing was done
    "reset",  # carry out, reset the connection
    "garbled",  # carry out, answer 200 with a body nobody can read
    "slow_read",  # carry out, answer a few bytes at a time
]
WebhookFault = Literal[
    "webhook_duplicate",
    "webhook_reorder",
    "webhook_drop",
    "webhook_delay",
    "webhook_bad_signature",
    "webhook_stale",
]
REQUEST_FAULTS: tuple[str, ...] = get_args(RequestFault)
WEBHOOK_FAULTS: tuple[str, ...] = get_args(WebhookFault)
OPERATIONS = (
    "create", "charge", "capture", "cancel", "refund", "close", "push", "ask", "confirm",
    "read", "message", "webhook",
)  # fmt: skip


@dataclass
class Planned:
    """A fault that waits for its next `times` chances; an empty operation fits any.

    With an amount (minor units) it waits for a payment of just that. A plan with a name is
    made once, however often it is asked for.
    """

    fault: str
    operation: str = ""
    times: int = 1
    amount: int = 0
    name: str = ""

    def fits(self, operation: str, amount: int) -> bool:
        return self.operation in {"", operation} and self.amount in {0, amount}


@dataclass
class Faults:
    """What goes wrong, how often, and what goes wrong next.

    A rate's name is a fault (`reset`) or an operation and a fault (`refund.reset`); its value
    lies between 0 and 1. `drawn` counts what went wrong since the start.
    """

    rates: dict[str, float] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)
    delay_s: float = 0.5
    seed: int = 1
    drawn: Counter[str] = field(default_factory=Counter)
    named: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable, guards nothing

    def change(self, wanted: dict[str, Any]) -> None:
        """Merge what was posted. Raises Refused for what there is not, and changes nothing then."""
        try:
            rates = {str(name): float(rate) for name, rate in wanted.get("rates", {}).items()}
            planned = [Planned(**one) for one in wanted.get("next", [])]
            delay_s = float(wanted.get("delay_s", self.delay_s))
            seed = int(wanted.get("seed", self.seed))
        except (AttributeError, TypeError, ValueError) as error:
            raise Refused("fault_unknown", "That is no plan of faults.") from error
        self._check(rates, planned)
        self.rates |= rates
        self.planned += [one for one in planned if one.name not in self.named]
        self.named |= {one.name for one in planned if one.name}
        self.delay_s = delay_s
        if "seed" in wanted:
            self.seed = seed
            self._random = random.Random(seed)  # noqa: S311

    def clear(self) -> None:
        self.rates.clear()
        self.planned.clear()

    def draw(self, operation: str, amount: int = 0) -> str:
        """Say what goes wrong with this request, or "" for nothing."""
        return self._draw(operation, REQUEST_FAULTS, amount)

    def draw_webhook(self, amount: int = 0) -> str:
        return self._draw("webhook", WEBHOOK_FAULTS, amount)

    def jitter(self) -> float:
        """Return a random part of four delays, in seconds."""
        return self._random.random() * 4 * self.delay_s

    def as_dict(self) -> dict[str, Any]:
        return {
            "rates": self.rates,
            "next": [vars(one) for one in self.planned],
            "delay_s": self.delay_s,
            "seed": self.seed,
            "drawn": self.drawn,
        }

    def _draw(self, operation: str, faults: tuple[str, ...], amount: int) -> str:
        fault = self._choose(operation, faults, amount)
        if fault:
            self.drawn[fault] += 1
        return fault

    def _choose(self, operation: str, faults: tuple[str, ...], amount: int) -> str:
        for one in self.planned:
            if one.fault in faults and one.fits(operation, amount):
                one.times -= 1
                if one.times <= 0:
                    self.planned.remove(one)
                return one.fault
        for fault in faults:
            rate = self.rates.get(f"{operation}.{fault}", self.rates.get(fault, 0))
            if rate and self._random.random() < rate:
                return fault
        return ""

    @staticmethod
    def _check(rates: dict[str, float], planned: list[Planned]) -> None:
        for name, rate in rates.items():
            operation, _, fault = name.rpartition(".")
            check_exists(operation, fault)
            if not 0 <= rate <= 1:
                raise Refused("fault_unknown", f"The rate of {name} must be between 0 and 1.")
        for one in planned:
            check_exists(one.operation, one.fault)


def check_exists(operation: str, fault: str) -> None:
    """Raise Refused where there is no such fault or operation."""
    if fault not in REQUEST_FAULTS + WEBHOOK_FAULTS:
        raise Refused("fault_unknown", f"There is no fault {fault!r}.")
    if operation and operation not in OPERATIONS:
        raise Refused("fault_unknown", f"There is no operation {operation!r}.")
