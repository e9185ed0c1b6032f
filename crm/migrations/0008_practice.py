"""Customers and telephones that are made up for practice."""

from django.db import migrations, models


def mark():
    return models.BooleanField(
        db_default=False, default=False, editable=False, verbose_name="for practice"
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_feedback")]

    operations = [
        migrations.AddField(model_name="customer", name="is_practice", field=mark()),
        migrations.AddField(model_name="phonesystem", name="is_practice", field=mark()),
    ]
