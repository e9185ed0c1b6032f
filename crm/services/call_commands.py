"""Asking a telephone system: hold, pause the recording, dial. That it was done, it tells itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import audit, locks
from core.errors import NotAllowed
from crm.errors import TelephoneFailed, TelephoneMissing, TelephoneSilent
from crm.models import Extension
from crm.telephones import adapter_for
from crm.telephony.base import Command, CommandFailed, Failure, Order

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Call, PhoneSystem

REFUSALS = {
    Failure.NOT_SET_UP: TelephoneMissing,
    Failure.NO_ANSWER: TelephoneSilent,
    Failure.REFUSED: TelephoneFailed,
}


def ask(*, call: Call, command: Command, actor: User) -> None:
    """Ask the system to do something with a person's own call. Waits three seconds at most.

    Never call this inside a transaction. Raises NotAllowed for somebody else's call, and
    TelephoneFailed where the system does not say yes: then nothing may have happened.
    """
    if call.agent_id != actor.pk or not call.is_live:
        raise NotAllowed
    _carry_out(call.phone_system, Order(command, external_id=call.external_id))
    audit.record(actor, f"call.{command}_asked", call)


def dial(*, number: str, actor: User, is_practice: bool = False) -> None:
    """Let a person's telephone ring and dial the number. Never call this inside a transaction.

    A practice customer is dialled by the practice telephone, which reaches nobody.

    Raises TelephoneFailed where the system does not say yes.
    """
    own = Extension.objects.filter(
        user=actor, phone_system__is_enabled=True, phone_system__is_practice=is_practice
    )
    extension = own.select_related("phone_system").order_by("pk").first()
    if extension is None:
        raise TelephoneMissing
    order = Order(Command.DIAL, extension=extension.number, number=number)
    _carry_out(extension.phone_system, order)
    audit.record(actor, "call.dial_asked", extension)


def _carry_out(system: PhoneSystem, order: Order) -> None:
    locks.assert_no_transaction()
    try:
        adapter_for(system).carry_out(order)
    except CommandFailed as error:
        raise REFUSALS[error.failure] from error
