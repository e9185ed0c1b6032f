"""An index for the promises that were broken on a day, built beside the work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0005_promises_of_calls")]

    operations = [
        AddIndexConcurrently(
            model_name="promisetopay",
            index=models.Index(
                condition=Q(broken_at__isnull=False), fields=["broken_at"], name="promise_broken"
            ),
        ),
    ]
