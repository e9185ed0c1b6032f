from django.db import migrations

from core.database import append_only


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        append_only("orders_allocation"),
        migrations.RunSQL(
            "CREATE SEQUENCE orders_order_number START 10001",
            "DROP SEQUENCE orders_order_number",
        ),
    ]
