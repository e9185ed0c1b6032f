"""What the queue itself costs: taking events and finishing them, with nothing done between."""

from __future__ import annotations

import uuid

from django.db import connection, transaction
from django.utils import timezone

from bench.inside import answer, seconds
from core import rows
from payments.models import ProviderAccount, WebhookEvent
from payments.services import webhooks

EVENTS = 1_000
ROUNDS = 3
FINISHED = ("state", "finished_at", "lease_token", "lease_until")
RECEIVE = """
    INSERT INTO payments_webhookevent
        (account_id, event_id, kind, reference_kind, reference, our_id, state, attempts,
         next_at, received_at, error)
    SELECT %s, %s || n, 'queue', 'payment', 'none' || n, '', 'received', 0, now(), now(), ''
      FROM generate_series(1, %s) AS n
"""


def main() -> None:
    rounds = []
    account = ProviderAccount.objects.get(kind="sandbox", is_practice=False)
    for turn in range(ROUNDS + 1):
        with connection.cursor() as cursor:
            cursor.execute(RECEIVE, [account.pk, uuid.uuid4().hex, EVENTS])
        before = seconds()
        done = _drain()
        if turn:
            rounds.append((seconds() - before) / done * 1000)
    answer({"ms": rounds})


def _drain() -> int:
    done = 0
    while batch := webhooks.claim():
        # In the product the payment's own statement does it, in a transaction that there is anyway.
        with transaction.atomic():
            for event in batch:
                event.state, event.finished_at = WebhookEvent.State.DONE, timezone.now()
                event.lease_token = event.lease_until = None
                rows.write(changes=[(event, FINISHED)])
        done += len(batch)
    return done


if __name__ == "__main__":
    main()
