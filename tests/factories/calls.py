"""Telephone systems, extensions and calls with boring defaults."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from crm.models import Extension, PhoneSystem
from crm.services import calls
from crm.telephony.base import CallNews
from tests.factories.core import UserFactory

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Call

SECRET = "a secret of thirty-two characters"
NUMBER = "+358401234567"

_ids = count(1)


class PhoneSystemFactory(DjangoModelFactory[PhoneSystem]):
    class Meta:
        model = PhoneSystem

    name = "the exchange"
    credentials = {"secret": SECRET}


class ExtensionFactory(DjangoModelFactory[Extension]):
    class Meta:
        model = Extension

    phone_system = factory.SubFactory(PhoneSystemFactory)
    number = factory.Sequence(lambda number: f"{100 + number}")
    user = factory.SubFactory(UserFactory)


def news(kind: str, external_id: str = "c1", second: int = 0, **said: str) -> CallNews:
    """News of a call, so many seconds after it began a minute ago."""
    began_at = timezone.now().replace(microsecond=0) - timedelta(minutes=1)
    return CallNews(external_id, kind, began_at + timedelta(seconds=second), **said)


def ring(user: User, number: str = NUMBER, *, extension: Extension | None = None) -> Call:
    """Let a call ring at a person."""
    own = extension or Extension.objects.filter(user=user).first()
    own = own or ExtensionFactory.create(user=user)
    said: dict[str, Any] = {
        "extension": own.number,
        "their_number": number,
        "direction": "inbound",
    }
    return calls.take_event(
        system=own.phone_system, news=news("ringing", f"call-{next(_ids)}", **said)
    )


def tell(call: Call, kind: str, second: int = 5, **said: str) -> Call:
    """Let the telephone system tell more of a call."""
    told = news(kind, call.external_id, second, **said)
    return calls.take_event(system=call.phone_system, news=told)
