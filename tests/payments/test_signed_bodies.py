"""Providers whose signed body is the truth: it is read again when its turn comes."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from payments.models import PaymentAttempt, WebhookEvent
from payments.providers.base import Truth, WebhookNotice
from payments.providers.sandbox.adapter import Sandbox
from payments.providers.signatures import signed_event
from payments.registry import provider_class
from payments.services import webhooks
from tests.factories.payments import PaymentAttemptFactory, ProviderAccountFactory, paid_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

pytestmark = pytest.mark.django_db

SECRET = "secret"


class Teller(Sandbox):
    """A provider without a read API: what it signs is what happened."""

    manifest = replace(Sandbox.manifest, kind="teller", truth=Truth.SIGNED_BODY)

    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str], *, received_at: datetime | None = None
    ) -> WebhookNotice:
        event = signed_event(body, headers.get("signature", ""), SECRET, received_at)
        attempt = PaymentAttempt.objects.get(public_id=event["our_id"])
        return WebhookNotice(
            event_id=event["id"], kind="paid", references=(), snapshot=paid_snapshot(attempt)
        )


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = "tests.payments.test_signed_bodies.Teller"
    monkeypatch.setitem(settings.PAYMENT_PROVIDERS, "teller", path)
    provider_class.cache_clear()
    yield
    provider_class.cache_clear()


def delivered(attempt: PaymentAttempt, event_id: str = "evt_1") -> None:
    body = json.dumps({"id": event_id, "our_id": attempt.public_id}).encode()
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"signature": f"t={at},v1={digest}"}
    webhooks.receive(account=attempt.account, body=body, headers=headers)


def attempt_at_teller() -> Any:
    account = ProviderAccountFactory.create(kind="teller")
    return PaymentAttemptFactory.create(account=account)


@pytest.mark.usefixtures("teller")
def test_a_delivery_that_had_to_wait_for_an_hour_is_still_believed() -> None:
    attempt = attempt_at_teller()
    now = timezone.now()
    with time_machine.travel(now - timedelta(hours=1)):
        delivered(attempt)
    WebhookEvent.objects.update(received_at=now - timedelta(hours=1))

    webhooks.drain()

    attempt.refresh_from_db()
    assert WebhookEvent.objects.get().state == "done"
    assert attempt.captured == attempt.amount


@pytest.mark.usefixtures("teller")
def test_a_body_whose_secret_was_replaced_waits_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = attempt_at_teller(), attempt_at_teller()
    delivered(first, "evt_1")
    monkeypatch.setattr("tests.payments.test_signed_bodies.SECRET", "another")
    delivered(second, "evt_2")

    webhooks.drain()

    states = dict(WebhookEvent.objects.values_list("event_id", "state"))
    assert states == {"evt_1": "received", "evt_2": "done"}
    assert "WebhookForged" in WebhookEvent.objects.get(event_id="evt_1").error
