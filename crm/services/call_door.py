"""What comes through the door for telephone systems, and what becomes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core import quickredis
from core.errors import CardNumberRefused
from crm.models import PhoneSystem
from crm.services import calls
from crm.telephones import adapter_for
from crm.telephony.base import NewsUnusable

if TYPE_CHECKING:
    from crm.telephony.base import Delivery

logger = logging.getLogger(__name__)


def open_system(public_id: str) -> PhoneSystem | None:
    """The system of an address, if it is in use."""
    return PhoneSystem.objects.filter(public_id=public_id, is_enabled=True).first()


def receive(*, system: PhoneSystem, delivery: Delivery) -> int:
    """Take in the news of a delivery, and say how many pieces there were. Safe to repeat.

    Raises NewsForged, and keeps nothing, where the signature does not hold; NewsUnusable where
    it does and the news is none. The body itself is kept nowhere.
    """
    found = adapter_for(system).parse(delivery)
    try:
        for news in found:
            calls.take_event(system=system, news=news)
    except CardNumberRefused as error:
        raise NewsUnusable("A value looks like a card number.") from error
    return len(found)


def count_refused(system: PhoneSystem, why: str) -> None:
    """Count a delivery that was refused. Nothing of it is kept."""
    logger.warning("news of calls was refused", extra={"system": system.public_id, "why": why})
    quickredis.attempt(lambda redis: redis.incr(f"{why}:{system.public_id}"))
