"""An index for the deliveries that wait for a person: few among all that ever came."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0010_bank_transfers")]

    operations = [
        AddIndexConcurrently(
            model_name="webhookevent",
            index=models.Index(
                condition=Q(state="parked"), fields=["received_at"], name="webhook_parked"
            ),
        ),
    ]
