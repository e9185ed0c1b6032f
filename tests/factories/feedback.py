"""Calls that were long enough, the question after them, and answers."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from django.utils import timezone

from crm.models import Feedback
from crm.services import feedback, wrap_ups
from tests.factories.calls import ring, tell
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    import datetime as dt

    from core.models import User
    from crm.models import Call, Customer

_numbers = count(1_000_000)


def caller(**details: str) -> Customer:
    """A customer with a mobile number of their own."""
    customer: Customer = CustomerFactory.create(phone=f"+35840{next(_numbers)}", **details)
    return customer


def talk(customer: Customer, user: User | None = None, *, seconds: int = 90) -> Call:
    """A call with a customer that lasted so long and has just ended."""
    call = ring(user or agent(), customer.contact_points.get(kind="phone", is_primary=True).value)
    call = tell(call, "answered", 1)
    return tell(call, "ended", 1 + seconds)


def wrapped_up(call: Call, outcome: str = "paid", *, unasked: str = "") -> Call:
    """Let its agent have saved the wrap-up."""
    assert call.agent is not None
    wrap_ups.save(call=call, outcome=outcome, note="", actor=call.agent, unasked=unasked)
    return call


def asked(user: User | None = None, outcome: str = "paid") -> Feedback:
    """A question that a customer was asked after a call."""
    return Feedback.objects.get(call=wrapped_up(talk(caller(), user), outcome))


def answered(
    score: int, words: str = "", *, user: User | None = None, outcome: str = "paid"
) -> Feedback:
    """A question with its answer."""
    return feedback.answer(feedback=asked(user, outcome), score=score, words=words)


def ended(question: Feedback) -> Feedback:
    """Let a question have ended."""
    return moved(question, expires_at=timezone.now())


def moved(question: Feedback, **instants: dt.datetime) -> Feedback:
    """Let it have happened at other times."""
    Feedback.objects.filter(pk=question.pk).update(**instants)
    question.refresh_from_db()
    return question
