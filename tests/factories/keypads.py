"""Keypads, and calls on which a customer may key a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import factory
from factory.django import DjangoModelFactory

from crm.models import Call
from payments.models import Keypad
from tests.factories.calls import PhoneSystemFactory, ring, tell
from tests.factories.payments import ProviderAccountFactory

if TYPE_CHECKING:
    from core.models import User


class KeypadFactory(DjangoModelFactory[Keypad]):
    """A sandbox's keypad on a telephone system."""

    class Meta:
        model = Keypad

    kind = "sandbox"
    name = "Sandbox"
    phone_system = factory.SubFactory(PhoneSystemFactory)
    account = factory.SubFactory(ProviderAccountFactory)
    credentials = factory.SelfAttribute("account.credentials")


def call_of(user: User, *, recording: str = Call.Recording.PAUSED) -> Call:
    """A call that is on the line, with its recording as it is told."""
    call = tell(ring(user), "answered", 1)
    if recording != Call.Recording.NONE:
        call = tell(call, "recording_started", 2)
    if recording == Call.Recording.PAUSED:
        call = tell(call, "recording_paused", 3)
    return call
