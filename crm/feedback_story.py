"""What a call's page tells of the question after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.call_story import Step
from crm.models import Feedback

if TYPE_CHECKING:
    from crm.models import Call

POOR = 2
"""Up to this score a customer is unhappy: somebody should look."""


def tell(call: Call) -> list[Step]:
    """That the customer was asked, or why not, and what was answered. One query."""
    feedback = Feedback.objects.filter(call=call).first()
    if feedback is None:
        return []
    if feedback.withheld:
        why = {"why": feedback.get_withheld_display()}
        return [Step(feedback.created_at, _("Not asked how it went: %(why)s") % why)]
    steps = [Step(feedback.created_at, _("Asked how it went"))]
    if feedback.answered_at is not None and feedback.score is not None:
        tone = "fail" if feedback.score <= POOR else "paid"
        steps.append(Step(feedback.answered_at, _said(feedback), tone))
    return steps


def _said(feedback: Feedback) -> str:
    values = {"score": feedback.score, "words": feedback.words}
    if feedback.words:
        return _("How the call went: %(score)s of 5. “%(words)s”") % values
    return _("How the call went: %(score)s of 5") % values
