"""How much free money one person may move: at a time, and on a business day."""

from __future__ import annotations

from core import policy
from payments import errors
from payments.models import SurplusMove
from payments.services.day_limits import DayLimits

LIMITS = DayLimits(
    name="moves",
    rows=SurplusMove,
    above=(SurplusMove.Above.PER_MOVE, SurplusMove.Above.PER_DAY),
    limits=policy.move_limit,
    highest=policy.highest_move,
    above_limit=errors.MoveAboveLimit,
    above_day=errors.MoveAboveDayLimit,
    above_every=errors.MoveAboveEveryLimit,
)
one_at_a_time = LIMITS.one_at_a_time
limit_exceeded = LIMITS.exceeded
hold_limits = LIMITS.hold
left_today = LIMITS.left_today
