"""Deliveries: forged, repeated, reordered, late, early and useless ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.fields import cipher
from payments.models import (
    Capture,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderAccount,
    ProviderReference,
    WebhookBody,
    WebhookEvent,
)
from payments.services import checkout, links, webhooks
from tests.factories.core import finance
from tests.factories.payments import PaymentIntentFactory, ProviderAccountFactory
from tests.sandbox.server import SandboxServer, sandbox, sandbox_process

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


class Shop:
    """A paid payment at the sandbox whose deliveries are still on their way."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.account = ProviderAccountFactory.create(credentials=sandbox.credentials)
        session = links.open_link(
            intent_id=PaymentIntentFactory.create().pk, actor=finance(), destination=None
        )
        self.attempt = checkout.choose_method(session_id=session.pk, method="card")
        sandbox.pay(self.attempt.page_url)
        self.payment = sandbox.payment(self.attempt.public_id)

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        return self.sandbox.deliveries(self.payment["id"])

    def deliver(self, delivery: dict[str, Any], **changes: str) -> Answer:
        body = changes.get("body", delivery["body"])
        headers = {"sandbox-signature": changes.get("signature", delivery["signature"])}
        address = reverse("payments:webhook", args=[self.account.public_id])
        return Client(enforce_csrf_checks=True).post(
            address, body, content_type="application/json", headers=headers
        )

    @property
    def status(self) -> str:
        return PaymentIntent.objects.get().status


@pytest.fixture
def shop(sandbox: SandboxServer) -> Shop:
    return Shop(sandbox)


def unknown_to_us() -> None:
    """Make the attempt one that no row of ours knows, as before our own commit."""
    PaymentAttempt.objects.update(public_id="pa_not_committed_yet")
    ProviderReference.objects.all().delete()


def nothing_was_kept() -> bool:
    return not WebhookEvent.objects.exists() and not WebhookBody.objects.exists()


def test_a_signed_delivery_is_kept_and_applied(shop: Shop) -> None:
    answer = shop.deliver(shop.deliveries[-1])

    assert answer.status_code == 200
    assert WebhookEvent.objects.get().state == "received"
    webhooks.drain()
    assert shop.status == "succeeded"
    assert WebhookEvent.objects.get().state == "done"


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "nonsense", "t=99999999999,v1=" + "0" * 64])
def test_a_forged_delivery_is_refused_and_leaves_nothing(shop: Shop, signature: str) -> None:
    answer = shop.deliver(shop.deliveries[-1], signature=signature)

    assert answer.status_code == 400
    assert nothing_was_kept()


def test_every_flipped_byte_of_a_body_is_noticed(shop: Shop) -> None:
    delivery = shop.deliveries[-1]
    body = delivery["body"]

    for place in range(0, len(body), 7):
        flipped = body[:place] + chr(ord(body[place]) ^ 1) + body[place + 1 :]
        assert shop.deliver(delivery, body=flipped).status_code == 400

    assert nothing_was_kept()


def test_an_unknown_or_disabled_account_is_not_found(shop: Shop) -> None:
    ProviderAccount.objects.update(is_enabled=False)
    delivery = shop.deliveries[-1]

    answer = shop.deliver(delivery)

    assert answer.status_code == 404
    assert nothing_was_kept()


def test_a_body_beyond_the_limit_is_refused(shop: Shop, settings: Any) -> None:
    settings.WEBHOOK_MAX_BYTES = 10

    assert shop.deliver(shop.deliveries[-1]).status_code == 413
    assert nothing_was_kept()


def test_the_same_delivery_fifty_times_has_one_effect(shop: Shop) -> None:
    delivery = shop.deliveries[-1]

    answers = {shop.deliver(delivery).status_code for _ in range(50)}
    webhooks.drain()

    assert answers == {200}
    assert WebhookEvent.objects.count() == 1
    assert Capture.objects.count() == 1


def test_deliveries_in_the_wrong_order_end_the_same(shop: Shop) -> None:
    for delivery in reversed(shop.deliveries):
        shop.deliver(delivery)
        webhooks.drain()

    assert shop.status == "succeeded"
    assert Capture.objects.get().captured == 10_000


def test_the_bodys_claims_are_ignored_where_the_present_state_can_be_read(shop: Shop) -> None:
    stale = shop.deliveries[0]
    assert "succeeded" not in json.dumps(json.loads(stale["body"]).get("data", {}))

    shop.deliver(stale)
    webhooks.drain()

    assert shop.status == "succeeded"


def test_a_delivery_that_comes_before_our_own_commit_waits_and_is_applied(shop: Shop) -> None:
    public_id = shop.attempt.public_id
    unknown_to_us()
    shop.deliver(shop.deliveries[-1])
    webhooks.drain()
    waiting = WebhookEvent.objects.get()
    assert (waiting.state, waiting.attempts) == ("received", 1)

    PaymentAttempt.objects.update(public_id=public_id)
    WebhookEvent.objects.update(next_at=timezone.now())
    webhooks.drain()

    assert shop.status == "succeeded"


def test_a_delivery_nobody_knows_is_parked_for_a_person_at_last(shop: Shop) -> None:
    unknown_to_us()
    shop.deliver(shop.deliveries[-1])

    for _ in range(webhooks.MOST_TRIES):
        WebhookEvent.objects.update(next_at=timezone.now(), lease_until=None)
        webhooks.drain()

    event = WebhookEvent.objects.get()
    assert event.state == "parked"
    assert not PaymentEvent.objects.filter(subject_kind="capture").exists()
    PaymentAttempt.objects.update(public_id=shop.attempt.public_id)
    webhooks.replay(event)
    webhooks.drain()
    assert shop.status == "succeeded"


def test_a_worker_killed_after_the_claim_loses_nothing(shop: Shop) -> None:
    shop.deliver(shop.deliveries[-1])
    assert len(webhooks.claim()) == 1
    assert webhooks.claim() == []

    WebhookEvent.objects.update(lease_until=timezone.now())
    webhooks.drain()

    assert shop.status == "succeeded"


def test_the_provider_being_down_delays_and_loses_nothing(shop: Shop) -> None:
    shop.deliver(shop.deliveries[-1])
    shop.sandbox.faults(read__error_before=1)
    webhooks.drain()
    assert WebhookEvent.objects.get().state == "received"

    shop.sandbox.clear_faults()
    WebhookEvent.objects.update(next_at=timezone.now())
    webhooks.drain()

    assert shop.status == "succeeded"


def test_intake_is_one_statement(shop: Shop, django_assert_num_queries: Any) -> None:
    shop.deliver(shop.deliveries[0])

    with django_assert_num_queries(1):
        shop.deliver(shop.deliveries[-1])


def test_the_raw_body_lies_encrypted_and_byte_exact(shop: Shop) -> None:
    delivery = shop.deliveries[-1]
    shop.deliver(delivery)

    raw = WebhookBody.objects.get()

    assert delivery["body"].encode() not in bytes(raw.body)
    assert cipher().decrypt(bytes(raw.body)) == delivery["body"].encode()
