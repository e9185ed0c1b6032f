"""Telling that something waits for a second person, and what that person decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import live, policy, rows
from payments.models.events import Source
from payments.services.facts import own_event

if TYPE_CHECKING:
    from core.models import ApiKey, User
    from core.money import Money
    from payments.models import OutcomeDecision, Refund, SurplusMove
    from payments.services.payment import Payment

TOPIC = "approvals"
STEP = "approval"
DECISION_STEP = "decision"
MOVE_STEP = "move"
# Grows with each request and with each decision, whatever becomes of them.
VERSION = """
    SELECT (SELECT count(*) + count(decided_at) FROM payments_refund WHERE above_limit <> '')
         + (SELECT count(*) + count(decided_at) FROM payments_outcomedecision)
         + (SELECT count(*) + count(decided_at) FROM payments_surplusmove WHERE above_limit <> '')
"""


def version() -> int:
    """Read a number that grows whenever what waits for a second person changes."""
    ((found,),) = rows.select(VERSION, [])
    return int(found)


def tell_step(payment: Payment, refund: Refund, status: str, *, actor: User | ApiKey) -> None:
    """Tell a step on the payment's rail and to the open pages of those who decide."""
    _tell(payment, (STEP, refund.public_id), status, actor=actor, money=refund.money)


def tell_decision(
    payment: Payment, decision: OutcomeDecision, status: str, *, actor: User | ApiKey
) -> None:
    """Tell the same of a decision about an operation that is unknown."""
    operation = decision.operation
    _tell(
        payment,
        (DECISION_STEP, decision.public_id),
        status,
        actor=actor,
        money=operation.money,
        code=operation.kind,
        detail={"outcome": decision.outcome},
    )


def tell_move(
    payment: Payment, move: SurplusMove, status: str, *, actor: User | ApiKey, number: str
) -> None:
    """Tell the same of surplus that is moved to the invoice of that number."""
    _tell(
        payment,
        (MOVE_STEP, move.public_id),
        status,
        actor=actor,
        money=move.money,
        detail={"invoice": number},
    )


def _tell(
    payment: Payment,
    subject: tuple[str, str],
    status: str,
    *,
    actor: User | ApiKey,
    money: Money,
    **more: Any,
) -> None:
    step = own_event(
        subject=subject,
        status=status,
        source=Source.OPERATOR,
        intent_id=payment.intent.pk,
        actor=policy.person_of(actor),
        amount=money.minor,
        currency=money.currency,
        **more,
    )
    payment.add_step(step)
    live.publish_on_commit(TOPIC, version)
