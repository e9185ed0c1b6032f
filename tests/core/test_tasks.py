"""What the clock asks for can be asked twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core import audit, idempotency, jobs, tasks
from core.models import IdempotencyRecord, Seal
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


def old_key() -> None:
    idempotency.reserve(principal="usr_1", route="POST /x", key="key", body=b"", prefix="re")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(days=31))


def test_old_keys_are_forgotten_once_a_day() -> None:
    old_key()
    tasks.forget_idempotency_keys()
    assert not IdempotencyRecord.objects.exists()

    old_key()
    tasks.forget_idempotency_keys()
    assert IdempotencyRecord.objects.count() == 1
