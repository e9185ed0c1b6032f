"""Rows of the audit and seals only grow."""

from django.db import migrations

from core import database


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        database.refuse_change_function(),
        database.append_only("core_auditevent", erasable=("reason",)),
        database.append_only("core_seal"),
    ]
