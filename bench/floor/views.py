"""The same rows as ours in one statement, with nothing around it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from typing import TYPE_CHECKING

from django.db import connection
from django.http import HttpResponse, JsonResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

SECRET = os.environ.get("SANDBOX_WEBHOOK_SECRET", "").encode()

STORE = """
    WITH event AS (
        INSERT INTO payments_webhookevent
            (account_id, event_id, kind, reference_kind, reference, our_id, state, attempts,
             next_at, received_at, error)
        VALUES (%s, %s, %s, 'payment', %s, %s, 'received', 0, now(), now(), '')
        ON CONFLICT (account_id, event_id) DO NOTHING
        RETURNING id
    )
    INSERT INTO payments_webhookbody (event_id, headers, body) SELECT id, %s, %s FROM event
"""

# The payment, its one item, and the key that makes a repeat harmless.
PAY = """
    WITH once AS (
        INSERT INTO core_idempotencyrecord
            (principal, route, key, body_hash, object_id, created_at)
        VALUES ('floor', 'pay', %(key)s, '', %(public_id)s, now())
        ON CONFLICT (principal, route, key) DO NOTHING RETURNING object_id
    ), intent AS (
        INSERT INTO payments_paymentintent
            (public_id, customer_id, amount, currency, allows_surplus, is_manual_capture,
             channel, call_reference, description, status, version, authorised, captured,
             capturable, cancelled, refunded, disputed, surplus, needs_review, review_reasons,
             blocked_by_unknown, created_at)
        SELECT once.object_id, customer.id, %(amount)s, %(currency)s, false, false, 'api', '', '',
               'requires_payment_method', 0, 0, 0, 0, 0, 0, 0, 0, false, '{}', false, now()
          FROM once, crm_customer customer WHERE customer.public_id = %(customer)s
        RETURNING id
    )
    INSERT INTO payments_intentitem (intent_id, invoice_id, amount)
    SELECT intent.id, invoice.id, %(amount)s FROM intent, orders_invoice invoice
     WHERE invoice.public_id = %(invoice)s
"""


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def webhook(request: HttpRequest) -> HttpResponse:
    """Check the signature, and keep the delivery."""
    body = request.body
    given = request.headers["Sandbox-Signature"]
    at, _, mac = given.partition(",")
    expected = hmac.new(SECRET, f"{at[2:]}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, mac[3:]):
        return HttpResponse(status=400)
    event = json.loads(body)
    headers = json.dumps(dict(request.headers)).encode()
    with connection.cursor() as cursor:
        values = (event["id"], event["type"], event["payment"], event["our_id"], headers, body)
        cursor.execute(STORE, [int(request.GET["account"]), *values])
    return HttpResponse(status=200)


def pay(request: HttpRequest) -> HttpResponse:
    """Keep a payment with one item, once for each key."""
    wanted = json.loads(request.body)
    public_id = f"pi_{time.monotonic_ns():026x}{os.urandom(4).hex()}"[:40]
    with connection.cursor() as cursor:
        cursor.execute(
            PAY,
            {
                "key": request.headers["Idempotency-Key"],
                "public_id": public_id,
                "customer": wanted["customer"],
                "invoice": wanted["invoices"][0],
                "amount": wanted["amount"],
                "currency": wanted["currency"],
            },
        )
    return JsonResponse({"id": public_id, "amount": wanted["amount"]}, status=201)
