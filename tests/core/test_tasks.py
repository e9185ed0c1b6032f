"""What the clock asks for can be asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import audit, jobs, tasks
from core.models import Seal
from tests.factories.core import agent

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_minute_s_seal_is_made_and_noted() -> None:
    audit.record(agent(), "refund.requested", agent())

    tasks.seal()
    tasks.seal()

    assert Seal.objects.count() == 1
    assert jobs.last_beat("seal") is not None


def test_the_head_of_the_chain_is_mailed_once_a_day(
    settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ADMINS = ["security@example.com"]
    audit.record(agent(), "refund.requested", agent())
    tasks.seal()

    tasks.mail_seal_head()
    tasks.mail_seal_head()

    assert len(mailoutbox) == 1
    assert Seal.objects.get().mac in mailoutbox[0].body


def test_a_heartbeat_is_noted() -> None:
    tasks.heartbeat()

    assert jobs.last_beat("heartbeat") is not None
