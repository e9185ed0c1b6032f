"""Names of the fields for people. The database is not touched."""

import core.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_names"),
        ("orders", "0002_append_only_and_sequence"),
    ]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="invoice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="orders.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="public_id",
            field=core.fields.PublicIdField(prefix="alc", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="orders.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="is_posted",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Stands in the ledger.",
                verbose_name="in the ledger",
            ),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="public_id",
            field=core.fields.PublicIdField(prefix="cn", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="is_posted",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Stands in the ledger.",
                verbose_name="in the ledger",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="open_amount",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.CombinedExpression(
                    django.db.models.expressions.CombinedExpression(
                        models.F("total"), "-", models.F("credited")
                    ),
                    "-",
                    models.F("allocated"),
                ),
                output_field=models.BigIntegerField(verbose_name="open"),
                verbose_name="left to pay",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="order",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="public_id",
            field=core.fields.PublicIdField(prefix="inv", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="invoiceline",
            name="invoice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="orders.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AlterField(
            model_name="invoiceline",
            name="position",
            field=models.PositiveSmallIntegerField(verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="invoicepart",
            name="invoice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="orders.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="public_id",
            field=core.fields.PublicIdField(prefix="ord", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="position",
            field=models.PositiveSmallIntegerField(verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="product",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="public_id",
            field=core.fields.PublicIdField(prefix="prd", verbose_name="public id"),
        ),
    ]
