"""The crash matrix: every flow of money, crashed at every yield point, redelivered and healed.

A first run without a crash writes down the points. Two points that follow each other in one
process, between which nothing outside of it has changed, not even the time, are one crash: what
the process knew is gone, what it had not committed is gone, and everybody else sees the same.
Each such class is run once. A run that was crashed writes down its points, too: those that come
after the crash are where the second crash of a pair is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.moneysim import schedule
from tests.moneysim.faults import Faults
from tests.moneysim.flows import FLOWS, Flow
from tests.moneysim.kernel import Habits
from tests.moneysim.logs import listening
from tests.moneysim.world import World

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.moneysim.actors import Actor
    from tests.moneysim.machine import Machine
    from tests.moneysim.schedule import Outcome
    from tests.moneysim.web import Requests

TOTALS = (7_990, 12_000)
PREPARED_WITHIN_S = 3_600
PROVIDER = "simkeeper"


@dataclass
class Points:
    """The points of a flow, counted while it may be crashed; `at` says where it is."""

    at: Collection[int] = ()
    labels: list[str] = field(default_factory=list)
    first_of_class: list[int] = field(default_factory=list)
    _last: tuple[str, int] = ("", -1)

    def __call__(self, flow: Flow, actor: Actor, label: str) -> bool:
        if not flow.is_on:
            return False
        number = len(self.labels)
        self.labels.append(f"{actor.name} {label}")
        here = (actor.name, flow.world.kernel.version)
        if here != self._last:
            self.first_of_class.append(number)
        self._last = here
        return number in self.at


def run(machine: Machine, requests: Requests, name: str, points: Points) -> Outcome:
    """Run one flow once, crashing where `points` say."""
    faults = Faults.none()
    kernel = machine.begin(name, Habits(stay=1.0))
    with machine.patched():
        world = World(machine, faults, requests, (PROVIDER,))
        customer = world.customer()
        invoices = [world.invoice(customer, total) for total in TOTALS]
        flow = Flow(world, name, Random(name), customer, invoices)
        with listening(kernel):
            kernel.crash_at = partial(points, flow)
            kernel.spawn(name, partial(FLOWS[name], flow), can_crash=False)
            kernel.spawn("beat", partial(_beat, flow), can_crash=False)
            kernel.run()
            outcome = schedule.conclude(world, 0)
    if not flow.is_on:
        outcome.findings.append(f"the flow {name} never began")
    return outcome


def _beat(flow: Flow) -> None:
    """Ring for a sweep after what was crashed, and never before: it would do the flow's work."""
    if flow.world.kernel.wait(lambda: flow.is_on, PREPARED_WITHIN_S):
        schedule.beat(flow.world, [30])


@dataclass
class Crash:
    """A place in a flow where a crash did harm."""

    flow: str
    where: list[str]
    findings: list[str]


@dataclass
class Crashes:
    """What came of crashing one flow once at each class of points."""

    points: int
    tried: int
    pairs: list[tuple[int, int]] = field(default_factory=list)
    """Where it could be crashed twice: the second point is one of the run that was crashed."""
    harm: list[Crash] = field(default_factory=list)


def crash_everywhere(machine: Machine, requests: Requests, name: str) -> Crashes:
    """Crash a flow once at each class of points."""
    points = Points()
    outcome = run(machine, requests, name, points)
    done = Crashes(len(points.labels), len(points.first_of_class))
    if outcome.findings:
        done.harm.append(Crash(name, [], outcome.findings))
    for place in points.first_of_class:
        crashed = Points(at={place})
        done.harm += _crash(machine, requests, name, crashed)
        done.pairs += [(place, later) for later in crashed.first_of_class if later > place]
    return done


def crash_twice(
    machine: Machine, requests: Requests, name: str, pair: tuple[int, int]
) -> list[Crash]:
    """Crash a flow at the two points of a pair; say where that did harm."""
    return list(_crash(machine, requests, name, Points(at=set(pair))))


def _crash(machine: Machine, requests: Requests, name: str, points: Points) -> Iterator[Crash]:
    outcome = run(machine, requests, name, points)
    if len(outcome.crashes) != len(points.at):
        places = [str(place) for place in points.at]
        yield Crash(name, places, [f"crashed {len(outcome.crashes)} times"])
    if outcome.findings:
        yield Crash(name, outcome.crashes, outcome.findings)
