"""Who may decide what waits for a second person, and who may take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from core import policy
from payments import errors

if TYPE_CHECKING:
    from core.models import ApiKey, User


class Asked(Protocol):
    """Something that a person asked for: a refund, a move, a decision about an outcome."""

    @property
    def requested_by_id(self) -> int | None: ...


def refuse_who_asked(asked: Asked, approver: User | ApiKey) -> None:
    """Raise OwnRequest to who asked for it: another person decides."""
    if asked.requested_by_id == policy.person_of(approver).pk:
        raise errors.OwnRequest


def hold_refusal(asked: Asked, approver: User | ApiKey, reason: str) -> None:
    """Raise OwnRequest to who asked for it, and RefusalNeedsReason where nothing is said."""
    refuse_who_asked(asked, approver)
    if not reason.strip():
        raise errors.RefusalNeedsReason


def refuse_others(asked: Asked, actor: User | ApiKey) -> None:
    """Raise NotOwnRequest to everybody but who asked for it."""
    if asked.requested_by_id != policy.person_of(actor).pk:
        raise errors.NotOwnRequest
