"""Which adapter speaks to which kind of telephone system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.telephony.asterisk import Asterisk
from crm.telephony.generic import Generic
from crm.telephony.twilio import Twilio

if TYPE_CHECKING:
    from crm.models import PhoneSystem
    from crm.telephony.base import Telephony

ADAPTERS: dict[str, type[Telephony]] = {
    "generic": Generic,
    "twilio": Twilio,
    "asterisk": Asterisk,
}


def adapter_for(system: PhoneSystem) -> Telephony:
    """The adapter of a system, with its credentials."""
    return ADAPTERS[system.kind](system.credentials)
