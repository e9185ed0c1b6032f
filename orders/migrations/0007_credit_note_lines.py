"""Credit notes that name the lines they take back."""

import core.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_broken"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "description",
                    core.fields.FreeCharField(max_length=200, verbose_name="description"),
                ),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("unit_price", models.BigIntegerField(verbose_name="unit price")),
                ("vat_bp", models.PositiveSmallIntegerField(verbose_name="VAT rate")),
                ("gross", models.BigIntegerField(verbose_name="amount")),
                ("net", models.BigIntegerField(verbose_name="without VAT")),
                ("vat", models.BigIntegerField(verbose_name="VAT")),
                (
                    "credit_note",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.creditnote",
                        verbose_name="credit note",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credited_lines",
                        to="orders.invoiceline",
                        verbose_name="invoice line",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note line",
                "verbose_name_plural": "credit note lines",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="creditnoteline_quantity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit_price__gte", 0),
                            ("gross__gte", 0),
                            ("net__gte", 0),
                            ("vat__gte", 0),
                        ),
                        name="creditnoteline_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("vat_bp__gte", 0), ("vat_bp__lte", 10000)),
                        name="creditnoteline_rate_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "gross",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net"), "+", models.F("vat")
                                ),
                            ),
                            (
                                "gross",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantity"), "*", models.F("unit_price")
                                ),
                            ),
                        ),
                        name="creditnoteline_adds_up",
                    ),
                    models.UniqueConstraint(
                        fields=("credit_note", "position"), name="credit_note_line_position"
                    ),
                ],
            },
        ),
    ]
