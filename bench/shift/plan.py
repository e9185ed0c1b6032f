"""The whole shift: forty calls, each of a kind, in an order drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.shift.acts import faults, giving_back, linking, meeting, minding, reaching, ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.shift.call import Call


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call. `fault` is what goes wrong meanwhile; `agent` takes it."""

    name: str
    happens: str
    act: Callable[[Call], None]
    times: int = 1
    fault: str = ""
    agent: str = "agent"
    caller: str = "Aino Lehtinen"
    is_reachable: bool = True


KINDS = (
    Kind("card", "a link is paid by card", linking.by_card, 2, caller="Elina Koskinen"),
    Kind("mobilepay", "a link is paid by MobilePay", linking.by_mobilepay),
    Kind("bank", "a link is paid at the bank", linking.by_bank),
    Kind(
        "declined", "the first card is declined, the second pays", linking.declined_first,
        caller="Eero Virtanen",
    ),
    Kind(
        "undelivered", "the link goes by e-mail instead", linking.undelivered,
        fault="the text message fails", caller="Olli Mäkelä", is_reachable=False,
    ),
    Kind("resent", "the link is sent once more", reaching.resent),
    Kind(
        "dialled", "the agent calls, and calls again", reaching.dialled,
        fault="nobody answers at first",
    ),
    Kind("unknown", "somebody new is written down and pays in advance", meeting.unknown, 2),
    Kind("withheld", "no number: found by the last digits", meeting.withheld),
    Kind("several", "two customers share the number", meeting.several),
    Kind("saved", "a kept card is charged", ways.saved, caller="Maria Lindström"),
    Kind(
        "keyed", "a card is keyed while the recording is paused", ways.keyed, agent="senior"
    ),
    Kind("keypad", "the customer keys the card on the phone", ways.keypad),
    Kind("transfer", "a bank transfer is waited for", ways.transfer),
    Kind("promise", "the customer promises to pay", ways.promise),
    Kind("instalments", "the customer pays in six parts", ways.instalments),
    Kind("terminal", "the customer pays at the counter", ways.terminal),
    Kind("refund", "everything is given back", giving_back.in_full),
    Kind("line", "a line of an invoice is given back", giving_back.by_line),
    Kind("part", "a part is given back", giving_back.in_part),
    Kind("above", "a second person approves a refund", giving_back.above_limit, 2),
    Kind("surplus", "what was too much pays another invoice", giving_back.surplus),
    Kind(
        "down", "the next provider takes the card", faults.provider_down, 2,
        fault="the preferred provider was killed",
    ),
    Kind(
        "silent refund", "do not retry yet", faults.refund_unanswered,
        fault="the answer to a refund is lost",
    ),
    Kind(
        "silent charge", "do not retry yet", faults.charge_unanswered,
        fault="the answer to a charge is lost",
    ),
    Kind(
        "decided", "two people say what became of it", faults.decided_by_two,
        fault="no answer ever comes",
    ),
    Kind("lost", "we ask by ourselves", faults.webhook_lost, 2, fault="every webhook is lost"),
    Kind("twice", "it is paid once", faults.webhook_twice, fault="every webhook comes twice"),
    Kind("late", "the news comes late", faults.webhook_late, fault="webhooks are held back"),
    Kind(
        "killed tab", "the note goes on in the next tab", minding.killed_tab, 2,
        fault="the tab crashes",
    ),
    Kind("six tabs", "one stream for all", minding.six_tabs),
    Kind("two agents", "both ask for the same", minding.two_agents),
    Kind("call back", "a call-back is written down", minding.call_back),
    Kind("question", "nothing is paid", minding.question_only),
)  # fmt: skip


def plan(seed: int) -> list[Kind]:
    """Every call of the shift, in the order of that seed."""
    calls = [kind for kind in KINDS for _ in range(kind.times)]
    random.Random(seed).shuffle(calls)
    return calls
