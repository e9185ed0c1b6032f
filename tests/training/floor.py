"""Somebody who learns, and workers that do what is due: what lessons are told with."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from core.ids import make_public_id
from core.jobs import business_date
from crm.models import Call
from crm.services import sending, wrap_ups
from payments.models import Capture, PaymentAttempt, PaymentIntent, ProviderOperation
from payments.services import operations, reading, resolver, webhooks
from tests.clients import signed_in
from tests.factories.core import agent
from training.models import LessonRun
from training.services import playing

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from crm.models import Customer
    from tests.sandbox.server import SandboxServer

PATIENCE_S = 30.0


class Learner:
    """One person with a browser, in one lesson. `until` lets the workers work meanwhile."""

    def __init__(self, user: User, key: str) -> None:
        wrap_ups.ensure_codes()
        self.user = user
        self.client = signed_in(user)
        answer = self.client.post(reverse("training:start", args=[key]))
        assert answer.headers["Location"] == "/", answer.headers
        self.run = LessonRun.objects.get(user=user, finished_at=None, abandoned_at=None)

    @property
    def call(self) -> Call | None:
        return Call.objects.filter(external_id=self.run.call_reference).first()

    @property
    def customer(self) -> Customer:
        assert self.run.customer is not None
        return self.run.customer

    def answer(self) -> None:
        self.until(lambda: self.call is not None)
        self.client.post(reverse("training:telephone"), {"act": "answer"})

    def hang_up(self) -> None:
        self.client.post(reverse("training:telephone"), {"act": "hang_up"})

    def send_link(self, amount: str = "") -> None:
        point = self.customer.contact_points.get()
        self.take(destination=f"sms:{point.value}", amount=amount)

    def take(self, *, amount: str = "", **how: str) -> None:
        invoices = self.customer.invoices.all()
        shown = amount or f"€{self.run.amount / 100:.2f}"
        fields = {
            "operation": make_public_id("op"),
            "currency": "EUR",
            "items": [one.public_id for one in invoices if one.open_amount],
            "amount": shown,
            "shown": shown,
            **how,
        }
        answer = self.client.post(f"/customers/{self.customer.public_id}/pay/send/", fields)
        assert answer.status_code == 302, answer.text

    def promise(self) -> None:
        invoices = self.customer.invoices.all()
        fields = {
            "operation": make_public_id("op"),
            "currency": "EUR",
            "items": [one.public_id for one in invoices if one.open_amount],
            "amount": f"€{self.run.amount / 100:.2f}",
            "due_on": str(business_date() + timedelta(days=3)),
        }
        address = f"/customers/{self.customer.public_id}/pay/promise/make/"
        answer = self.client.post(address, fields)
        assert answer.status_code == 302, answer.text

    def refund(self, minor: int, intent: PaymentIntent | None = None) -> None:
        intent = intent or PaymentIntent.objects.get(customer=self.customer)
        fields = {
            "operation": make_public_id("op"),
            "amount": f"€{minor / 100:.2f}",
            "reason": "The goods came back",
            "capture": Capture.objects.get(attempt__intent=intent).public_id,
        }
        answer = self.client.post(f"/payments/{intent.public_id}/refund/", fields)
        assert answer.status_code == 302, answer.text

    def wrap_up(self, outcome: str, note: str = "", **more: str) -> None:
        assert self.call is not None
        address = reverse("crm:wrap-up", args=[self.call.public_id])
        self.client.post(address, {"outcome": outcome, "note": note, **more})

    def until(self, holds: Callable[[], object]) -> None:
        """Let the workers do what is due until something holds; the script’s pauses are skipped."""
        ends_at = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < ends_at, f"beat {self.run.beat}"
            work()
            self.run.refresh_from_db()

    def until_over(self) -> dict[str, bool]:
        """Let the lesson end, and return its checks."""
        self.until(lambda: not self.run.is_live)
        return dict(self.run.results.values_list("check_key", "is_met"))

    def has_ended(self) -> bool:
        return self.call is not None and self.call.ended_at is not None


class Floor:
    """The sandbox, and the way to begin."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox

    def learner(self, key: str, user: User | None = None) -> Learner:
        return Learner(user or agent(), key)


def work() -> None:
    """One round of every worker, as if each pause had gone by."""
    now = timezone.now()
    LessonRun.objects.filter(next_at__isnull=False).update(
        next_at=now, beat_at=now - timedelta(minutes=1)
    )
    playing.drain()
    operations.drain()
    sending.drain()
    webhooks.drain()
    PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=now)
    reading.drain()
    ProviderOperation.objects.filter(resolve_at__isnull=False).update(
        resolve_at=now, lease_until=None
    )
    resolver.run()
