"""Indexes for what is asked by day: the takings, the authorisation rate, and lists by date.

They are built beside the work: payments are written meanwhile.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


def by_day(model: str, field: str, name: str) -> AddIndexConcurrently:
    """Make a block range index: rows come in the order of time, so it costs next to nothing."""
    return AddIndexConcurrently(
        model_name=model,
        index=django.contrib.postgres.indexes.BrinIndex(
            autosummarize=True, fields=[field], name=name
        ),
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0003_keep_method")]

    operations = [
        AddIndexConcurrently(
            model_name="transfer",
            index=models.Index(
                condition=Q(pair__in=["captured", "refunded", "disputed"]),
                fields=["created_at"],
                name="transfer_takings",
            ),
        ),
        AddIndexConcurrently(
            model_name="paymentattempt",
            index=models.Index(fields=["created_at"], name="attempt_begun"),
        ),
        by_day("transfer", "created_at", "transfer_day"),
        by_day("paymentintent", "created_at", "intent_day"),
        by_day("paymentevent", "created_at", "event_day"),
        by_day("checkoutsession", "created_at", "session_day"),
        by_day("webhookevent", "received_at", "webhook_day"),
    ]
