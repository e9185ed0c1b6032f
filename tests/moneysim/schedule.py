"""One schedule from its seed to its verdict: fill, run with faults, heal, check."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from payments.services.sweep import sweep
from tests.moneysim import checkers, plays, waits
from tests.moneysim.faults import Faults
from tests.moneysim.kernel import Habits
from tests.moneysim.logs import listening
from tests.moneysim.provider import ADAPTERS
from tests.moneysim.situations import ANY
from tests.moneysim.web import Requests
from tests.moneysim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from tests.moneysim.actors import Actor
    from tests.moneysim.machine import Machine
    from tests.moneysim.patches import Patches
    from tests.moneysim.situations import Situation

RINGS_AFTER_S = (30, 30, 60, 300, 800)
SWEEPS = 3
ALONE = 5
"""Of six schedules so many hold one play: a second one is another customer's, and costs as much
as a second schedule."""
ROUND_S = 600.0
DAYS_LATER_S = 74 * 3_600.0
WAITING = """
    SELECT EXISTS (SELECT FROM payments_provideroperation
                    WHERE status IN ('created', 'sent', 'unknown'))
        OR EXISTS (SELECT FROM payments_webhookevent WHERE state IN ('received', 'claimed'))
        OR EXISTS (SELECT FROM payments_paymentattempt WHERE poll_at <= sim.now())
"""
WRITTEN = frozenset({"commit done", "written"})
"""Where something has just become true for everybody, and what is to follow has not been done."""
SWEEP, MESSAGES = "payments.tasks.sweep", "crm.tasks.drain_messages"


@dataclass
class Outcome:
    """What one schedule came to."""

    seed: int
    trace: str
    steps: int
    findings: list[str]
    plays: list[str]
    faults: dict[str, int]
    crashes: list[str]
    told: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    situation: Situation = ANY


def run(
    machine: Machine,
    requests: Requests,
    seed: int,
    *,
    without: Collection[str] = (),
    only: Collection[str] | None = None,
    plant: Callable[[Patches], None] = lambda _patches: None,
    situation: Situation = ANY,
) -> Outcome:
    """Run the schedule of a seed, without some faults, or with some of its plays only.

    `plant` puts a bug into the product for this schedule; `situation` says what it holds.
    """
    faults = Faults(seed, without, situation.rates)
    stay = faults.stay if situation.stay is None else situation.stay
    faults.heals_after_s = situation.heals_after_s or faults.heals_after_s
    kernel = machine.begin(seed, Habits(stay=stay, rush=faults.rates["rush"]))
    dice = Random(f"plays:{seed}")
    kinds = list(ADAPTERS)
    dice.shuffle(kinds)
    count = dice.choice((1, 2, 2))
    with machine.patched():
        plant(machine.patches)
        world = World(machine, faults, requests, situation.kinds or tuple(kinds[:count]))
        with listening(kernel):
            names = _drawn(dice, situation)
            _let_happen(world, names, seed, only)
            return replace(conclude(world, seed), situation=situation)


def conclude(world: World, seed: int) -> Outcome:
    """Heal, look at everything, and say what it came to."""
    kernel = world.kernel
    heal(world)
    findings = [*kernel.findings, *checkers.findings(world)]
    return Outcome(
        seed,
        kernel.trace,
        kernel.steps,
        findings,
        world.wishes,
        world.faults.seen,
        kernel.crashes,
        kernel.told,
        kernel.labels,
    )


def _drawn(dice: Random, situation: Situation) -> list[str]:
    names = list(situation.plays or plays.PLAYS)
    weights = [plays.OFTEN.get(name, 1) for name in names]
    count = dice.choices((1, situation.most_plays), (ALONE, 1))[0]
    return dice.choices(names, weights, k=count)


def _let_happen(world: World, names: list[str], seed: int, only: Collection[str] | None) -> None:
    """Phase one: everything at once, with faults."""
    kernel, crashes = world.kernel, Random(f"crash:{seed}")
    rate = world.faults.rates["crash"]
    for place, name in enumerate(names):
        label = f"{name}#{place}"
        if only is None or label in only:
            plays.begin(world, name, label, seed)
    kernel.spawn("beat", partial(beat, world), can_crash=False)
    faults = world.faults

    def is_crashed(_actor: Actor, label: str) -> bool:
        is_hit = bool(rate) and crashes.random() < rate
        return is_hit or (label in WRITTEN and faults.hit("crash_after_commit"))

    kernel.crash_at = is_crashed
    kernel.run()


def beat(world: World, rings_after_s: Sequence[int] = RINGS_AFTER_S) -> None:
    """Ring for a sweep by the clock. One that would find nothing is left out, to save time."""
    for wait_s in rings_after_s:
        world.kernel.sleep(wait_s)
        ((is_waiting,),) = world.machine.database.owner.execute(WAITING)
        if is_waiting:
            world.broker.deliver(SWEEP)


def heal(world: World) -> None:
    """Phase two: no faults. After three sweeps at most all is quiet; days later all has ended."""
    kernel = world.kernel
    world.faults.heal()
    kernel.crash_at = lambda _actor, _label: False
    kernel.habits = Habits(stay=1.0)
    for used in range(SWEEPS):
        if used and not waits.unfinished():
            break
        healed_after_s = ROUND_S if used else world.faults.heals_after_s
        wait_s = max(healed_after_s, waits.last_due() - kernel.clock.now + 1)
        kernel.spawn("heal", partial(_sweep, world, wait_s), can_crash=False)
        kernel.run()
    kernel.findings.extend(f"I-7: left after {SWEEPS} sweeps: {one}" for one in waits.unfinished())
    if waits.for_others():
        kernel.spawn("later", partial(_sweep, world, DAYS_LATER_S), can_crash=False)
        kernel.run()


def _sweep(world: World, wait_s: float) -> None:
    world.kernel.sleep(wait_s)
    sweep()
    world.broker.deliver(MESSAGES)
