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
from time import perf_counter
from typing import TYPE_CHECKING

from tests.moneysim import schedule
from tests.moneysim.faults import Faults
from tests.moneysim.flows import FLOWS, Flow
from tests.moneysim.kernel import Habits
from tests.moneysim.logs import listening
from tests.moneysim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tests.moneysim.actors import Actor
    from tests.moneysim.machine import Machine
    from tests.moneysim.patches import Patches
    from tests.moneysim.schedule import Outcome
    from tests.moneysim.web import Requests

TOTALS = (7_990, 12_000)
PREPARED_WITHIN_S = 3_600
NOTHING: Callable[[Patches], None] = lambda _patches: None  # noqa: E731


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


def run(
    machine: Machine,
    requests: Requests,
    name: str,
    points: Points,
    *,
    kind: str = "simkeeper",
    plant: Callable[[Patches], None] = NOTHING,
) -> Outcome:
    """Run one flow once, crashing where `points` say."""
    faults = Faults.none()
    kernel = machine.begin(name, Habits(stay=1.0))
    with machine.patched():
        plant(machine.patches)
        world = World(machine, faults, requests, (kind,))
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


def crash_everywhere(
    machine: Machine,
    requests: Requests,
    name: str,
    *,
    kind: str = "simkeeper",
    plant: Callable[[Patches], None] = NOTHING,
) -> tuple[int, int, list[Crash]]:
    """Crash a flow at each class of points. Gives the points, the crashes tried, and the harm."""
    points = Points()
    outcome = run(machine, requests, name, points, kind=kind, plant=plant)
    harm = [Crash(name, [], outcome.findings)] if outcome.findings else []
    for place in points.first_of_class:
        harm += _crash(machine, requests, name, Points(at={place}), kind, plant)
    return len(points.labels), len(points.first_of_class), harm


def crash_twice(
    machine: Machine, requests: Requests, name: str, *, seconds: float, kind: str = "simkeeper"
) -> tuple[int, int, list[Crash]]:
    """Crash a flow twice, at as many pairs of places as the time allows, drawn from all.

    Gives the pairs there are, those tried, and the harm.
    """
    ends_at = perf_counter() + seconds
    points, pairs, harm = Points(), list[tuple[int, int]](), list[Crash]()
    run(machine, requests, name, points, kind=kind)
    for place in points.first_of_class:
        once = Points(at={place})
        harm += _crash(machine, requests, name, once, kind, NOTHING)
        pairs += [(place, later) for later in once.first_of_class if later > place]
    Random(name).shuffle(pairs)
    tried = 0
    for pair in pairs:
        if perf_counter() > ends_at:
            break
        harm += _crash(machine, requests, name, Points(at=set(pair)), kind, NOTHING)
        tried += 1
    return len(pairs), tried, harm


def _crash(
    machine: Machine,
    requests: Requests,
    name: str,
    points: Points,
    kind: str,
    plant: Callable[[Patches], None],
) -> Iterator[Crash]:
    outcome = run(machine, requests, name, points, kind=kind, plant=plant)
    if len(outcome.crashes) != len(points.at):
        places = [str(place) for place in points.at]
        yield Crash(name, places, [f"crashed {len(outcome.crashes)} times"])
    if outcome.findings:
        yield Crash(name, outcome.crashes, outcome.findings)
