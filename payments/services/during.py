"""The call during which something is done, so that one timeline tells call and money together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models import User
from crm.services import calls

if TYPE_CHECKING:
    from core.models import ApiKey


def call_id_of(actor: User | ApiKey) -> int | None:
    """Return the call that a person is on, or that rings at them. Programs are on none."""
    call = calls.current_call(actor) if isinstance(actor, User) else None
    return call.pk if call is not None else None
