"""Refunds that wait for a second person: who asks, who approves, and who withdraws, at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.moneysim.plays import Play


def refund_above_limit(play: Play) -> None:
    """Two approve what a junior asks for while the junior withdraws, all at once."""
    intent = play.paid()
    if intent is None or not play.awaits(intent, {"succeeded"}):
        return
    kernel, junior, approvers = play.world.kernel, play.world.junior, play.world.approvers
    body = {"payment_intent": intent["id"], "amount": play.owed, "reason": "agreed"}
    asked = junior.post("refunds", body, key=play.key("ask"))
    if asked is None:
        return
    path = f"refunds/{asked['id']}"
    acts: list[Callable[[], object]] = [
        partial(approver.post, f"{path}/approve", {}, key=play.key(f"approve {place}"))
        for place, approver in enumerate(approvers)
    ]
    acts.append(partial(junior.post, f"{path}/withdraw", {}, key=play.key("withdraw")))
    play.random.shuffle(acts)
    for act in acts:
        kernel.spawn(f"{play.name} decides", act, can_crash=False)
        play.pause(play.random.choice((0, 0, 3)))
