"""What the crowd asks of the database, answered as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from io import StringIO
from typing import Any

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import CommandError, call_command  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.utils import timezone  # noqa: E402

from crm.models import Customer, OutgoingMessage  # noqa: E402
from payments.models import (  # noqa: E402
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
    Refund,
    WebhookEvent,
)
from payments.models.attempts import Origin  # noqa: E402
from payments.services.verifying import differences  # noqa: E402
from payments.tasks import sweep_leftovers  # noqa: E402

OPEN_OPERATIONS = ProviderOperation.OPEN
WAITING = ("received", "claimed")


def still_open() -> dict[str, int]:
    """Count what should be empty once all is quiet. A page nobody paid may stay open."""
    return {
        "operations": ProviderOperation.objects.filter(status__in=OPEN_OPERATIONS).count(),
        "webhooks": WebhookEvent.objects.filter(state__in=WAITING).count(),
        "refunds": Refund.objects.filter(status__in=("requested", "unknown", "pending")).count(),
        "unknown attempts": PaymentAttempt.objects.filter(status="unknown").count(),
        "messages": OutgoingMessage.objects.filter(status__in=("queued", "sending")).count(),
    }


def bring_forward() -> None:
    """Make everything that waits for its time due now, and forget what a fault made unhealthy."""
    now = timezone.now()
    WebhookEvent.objects.filter(state="received").update(next_at=now)
    WebhookEvent.objects.filter(state="parked").update(state="received", attempts=0, next_at=now)
    ProviderOperation.objects.filter(status="created").update(send_at=now)
    ProviderOperation.objects.filter(status="unknown").update(resolve_at=now)
    PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=now)
    OutgoingMessage.objects.filter(status="queued").update(next_attempt_at=now)
    sweep_leftovers.delay()


def end_leases() -> None:
    """Let every lease run out. Only where whoever held one is dead: nothing is done twice."""
    now = timezone.now()
    WebhookEvent.objects.filter(lease_until__isnull=False).update(lease_until=now)
    ProviderOperation.objects.filter(lease_until__isnull=False).update(lease_until=now)
    PaymentAttempt.objects.filter(lease_until__isnull=False).update(lease_until=now)
    OutgoingMessage.objects.filter(lease_until__isnull=False).update(lease_until=now)


def compare_effects(sandbox: str) -> list[str]:
    """Compare what really happened at the provider with what we say."""
    effects = httpx.get(f"{sandbox}/_effects", timeout=60).json()["effects"]
    taken: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for effect in effects:
        if effect["kind"] == "capture":
            taken[effect["attempt_id"]] += effect["amount"]
        elif effect["kind"] == "refund":
            given[effect["attempt_id"]] += effect["amount"]
    ours = Capture.objects.exclude(captured=0).select_related("attempt__account")
    booked: Counter[str] = Counter()
    returned: Counter[str] = Counter()
    # What the demo was seeded with, the provider has never seen.
    of_links = Q(attempt__polls__gt=0, attempt__session__isnull=False)
    of_provider = Q(attempt__public_id__in={*taken, *given})
    for capture in ours.filter(of_links | of_provider):
        booked[capture.attempt.public_id] += capture.captured
        returned[capture.attempt.public_id] += capture.refunded
    findings = [
        f"attempt {key}: provider took {taken[key]}, we say {booked[key]}"
        for key in taken.keys() | booked.keys()
        if taken[key] != booked[key]
    ]
    return findings + [
        f"attempt {key}: provider gave back {given[key]}, we say {returned[key]}"
        for key in given.keys() | returned.keys()
        if given[key] != returned[key]
    ]


def kept() -> dict[str, Any]:
    """Everything that the API made and the door kept, by the names the outside knows."""
    ours = Refund.objects.filter(origin=Origin.OURS)
    made = {
        "payment-intents": PaymentIntent.objects.all(),
        "checkout-sessions": CheckoutSession.objects.all(),
        "refunds": ours,
    }
    receipts = OutgoingMessage.objects.filter(kind="receipt")
    return {
        "objects": {
            path: list(rows.values_list("public_id", flat=True)) for path, rows in made.items()
        },
        "inbox": dict(WebhookEvent.objects.values_list("event_id", "state")),
        "receipts": list(receipts.values_list("cause", "public_id")),
    }


def verify(sandbox: str) -> list[str]:
    """Return every finding: money that differs, effects that differ, seals that do not hold."""
    findings = list(differences()) + compare_effects(sandbox)
    told = StringIO()
    try:
        call_command("verify_seals", stdout=told, stderr=told)
    except (CommandError, SystemExit) as error:
        findings.append(f"verify_seals: {error} {told.getvalue()}")
    return findings


def main(sandbox: str, question: str) -> dict[str, Any]:
    """Answer one question."""
    if question == "--customers":
        return {"customers": list(Customer.objects.values_list("public_id", flat=True)[:200])}
    if question == "--kept":
        return kept()
    if question == "--end-leases":
        end_leases()
        return {}
    if question == "--forward":
        bring_forward()
        return {"open": still_open()}
    return {"findings": verify(sandbox)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
