"""The call during which something is done, so that one timeline tells call and money together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models import User
from crm.services import calls

if TYPE_CHECKING:
    from crm.models import Call
    from crm.services.actors import Actor


def call_id_of(actor: Actor, named: Call | None = None) -> int | None:
    """Return the call that was named, else the one that a person is on, or that rings at them.

    A program or a job is on none. Its page is told, once what is made has been committed.
    """
    call = named
    if call is None and isinstance(actor, User):
        call = calls.current_call(actor)
    if call is None:
        return None
    calls.tell_of(call)
    return call.pk
