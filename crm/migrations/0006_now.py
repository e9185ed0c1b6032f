"""Indexes for what is asked every few seconds: the calls of a day, messages that failed.

They are built beside the work: calls and messages are written meanwhile.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0005_tasks")]

    operations = [
        AddIndexConcurrently(
            model_name="call",
            index=models.Index(fields=["created_at"], name="call_begun"),
        ),
        AddIndexConcurrently(
            model_name="outgoingmessage",
            index=models.Index(
                condition=Q(status__in=["failed", "unknown"]),
                fields=["created_at"],
                name="message_not_delivered",
            ),
        ),
    ]
