"""A refund that its provider never answers for: people look, decide and approve, all at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from core import policy
from core.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.moneysim.bank import Payment
    from tests.moneysim.plays import Play

LOST = ("lost_answer", "lost_request", "late_request")
SILENT = {"read_fails": 1.0, "webhook_lost": 1.0}
DECIDED = "decided"


def decide_on_unknown(play: Play) -> None:
    """Two approve what a third found in the dashboard while the provider speaks after all."""
    intent = play.paid()
    if intent is None or not play.awaits(intent, {"succeeded"}):
        return
    faults, dice = play.world.faults, play.random
    faults.rates |= SILENT
    faults.planned.append(dice.choice(LOST))
    body = {"payment_intent": intent["id"], "amount": play.owed // 2, "reason": "agreed"}
    play.world.shop.post("refunds", body, key=play.key("refund"))
    unknown = _unknown(play, intent)
    if unknown is None:
        return
    payment, is_there = _in_the_dashboard(play, unknown)
    finder = play.world.program(Role.SENIOR_AGENT, policy.VIEW_PAYMENT, policy.DECIDE_OUTCOME)
    found = finder.post(
        "decisions",
        {
            "operation": unknown["id"],
            "outcome": "carried_out" if is_there else "not_carried_out",
            "reason": "looked in the dashboard",
        },
        key=play.key("find"),
    )
    if found is None:
        return
    play.world.wishes.append(f"{DECIDED}: {found['outcome']}")
    _approve_at_once(play, found, payment)


def _unknown(play: Play, intent: dict[str, Any]) -> dict[str, Any] | None:
    """Wait until an answer can come no more, and return the operation that has none."""
    path = f"operations?payment_intent={intent['id']}&status=unknown"
    for _ in range(6):
        play.world.kernel.sleep(200)
        shown = play.world.shop.get(path)
        if shown is not None and shown["results"]:
            found: dict[str, Any] = shown["results"][0]
            return found
    return None


def _in_the_dashboard(play: Play, unknown: dict[str, Any]) -> tuple[Payment, bool]:
    """Look at the provider's own books for what was asked for."""
    banks = [courier.door.bank for courier in play.world.couriers]
    payment = next(one for bank in banks if (one := bank.of_attempt(unknown["attempt"])))
    return payment, any(one.our_id == unknown["subject"] for one in payment.movements)


def _approve_at_once(play: Play, found: dict[str, Any], payment: Payment) -> None:
    kernel, dice = play.world.kernel, play.random
    path = f"decisions/{found['id']}/approve"
    acts: list[Callable[[], object]] = [
        partial(play.world.program(role, policy.APPROVE_OUTCOME).post, path, {}, key=play.key(role))
        for role in (Role.FINANCE, Role.SUPERVISOR)
    ]
    if dice.random() < 0.5:
        banks = [courier.door.bank for courier in play.world.couriers]
        theirs = (bank for bank in banks if payment.id in bank.payments)
        acts.extend(partial(bank.tell, payment, surely=True) for bank in theirs)
    dice.shuffle(acts)
    for act in acts:
        kernel.spawn(f"{play.name} decides", act, can_crash=False)
        play.pause(dice.choice((0, 0, 3)))
