"""How many statements a request makes, as Django counts them: without BEGIN and COMMIT."""

from __future__ import annotations

import json
import sys
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.inside import answer
from bench.webhook import delivery
from core.models import ApiKey, User
from orders.models import Invoice
from payments import demo
from payments.models import ProviderAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_DATA = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@contextmanager
def counted() -> Iterator[list[tuple[str, float]]]:
    """Collect the statements of this thread."""
    told: list[tuple[str, float]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(NOT_DATA):
            told.append((str(sql), 0))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield told


def webhook() -> list[str]:
    account = ProviderAccount.objects.get(kind="sandbox", is_practice=False)
    path = reverse("payments:webhook", args=[account.public_id])
    client = Client()
    for _ in range(2):
        told = _deliver(client, path)
    return told


def _deliver(client: Client, path: str) -> list[str]:
    secret = settings.SANDBOX_WEBHOOK_SECRET
    sent = delivery(path, secret, f"py_{uuid.uuid4().hex}", f"pa_{uuid.uuid4().hex[:26]}")
    head, _, body = sent.partition(b"\r\n\r\n")
    signature = head.decode().partition("Sandbox-Signature: ")[2]
    with counted() as told:
        response = client.post(
            path, body, "application/json", headers={"sandbox-signature": signature}
        )
    if response.status_code != 200:
        raise RuntimeError(response.status_code)
    return [sql for sql, _ in told]


def pay() -> list[str]:
    token = demo.ensure_api_key(User.objects.get(username="agent"))
    ApiKey.objects.update(last_used_at="2100-01-01T00:00Z")
    client = Client()
    for _ in range(2):
        told = _pay(client, token)
    return told


def _pay(client: Client, token: str) -> list[str]:
    invoice = Invoice.objects.filter(open_amount__gt=0).select_related("customer").latest("pk")
    body = {
        "customer": invoice.customer.public_id,
        "invoices": [invoice.public_id],
        "amount": invoice.open_amount,
        "currency": "EUR",
    }
    headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid.uuid4().hex}
    with counted() as told:
        response = client.post(
            "/api/v1/payment-intents", json.dumps(body), "application/json", headers=headers
        )
    if response.status_code != 201:
        raise RuntimeError(response.content)
    return [sql for sql, _ in told]


def main(what: str) -> None:
    told = {"webhook": webhook, "pay": pay}[what]()
    answer({"statements": len(told), "told": told})


if __name__ == "__main__":
    main(*sys.argv[1:])
