"""Telling that something waits for a second person, and what that person decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import live, policy, rows
from payments.models.events import Source
from payments.services.facts import own_event

if TYPE_CHECKING:
    from core.models import ApiKey, User
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
    step = own_event(
        subject=(STEP, refund.public_id),
        status=status,
        source=Source.OPERATOR,
        intent_id=payment.intent.pk,
        actor=policy.person_of(actor),
        amount=refund.amount,
        currency=refund.currency,
    )
    payment.add_step(step)
    live.publish_on_commit(TOPIC, version)


def tell_decision(
    payment: Payment, decision: OutcomeDecision, status: str, *, actor: User | ApiKey
) -> None:
    """Tell the same of a decision about an operation that is unknown."""
    operation = decision.operation
    step = own_event(
        subject=(DECISION_STEP, decision.public_id),
        status=status,
        source=Source.OPERATOR,
        intent_id=payment.intent.pk,
        actor=policy.person_of(actor),
        amount=operation.amount,
        currency=operation.currency,
        code=operation.kind,
        detail={"outcome": decision.outcome},
    )
    payment.add_step(step)
    live.publish_on_commit(TOPIC, version)


def tell_move(
    payment: Payment, move: SurplusMove, status: str, *, actor: User | ApiKey, number: str
) -> None:
    """Tell the same of surplus that is moved to the invoice of that number."""
    step = own_event(
        subject=(MOVE_STEP, move.public_id),
        status=status,
        source=Source.OPERATOR,
        intent_id=payment.intent.pk,
        actor=policy.person_of(actor),
        amount=move.amount,
        currency=move.currency,
        detail={"invoice": number},
    )
    payment.add_step(step)
    live.publish_on_commit(TOPIC, version)
