"""Refunds by line: no piece of a line is given back twice, held by the database as well."""

import django.db.models.deletion
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION payments_limit_refund_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pieces_left bigint;
BEGIN
    PERFORM 1 FROM orders_invoiceline WHERE id = NEW.line_id FOR NO KEY UPDATE;
    SELECT i.quantity - coalesce((
        SELECT sum(l.quantity) FROM payments_refundline l
          JOIN payments_refund r ON r.id = l.refund_id
         WHERE l.line_id = i.id
           AND (l.credit_note_id IS NOT NULL
                OR r.status NOT IN ('not_executed', 'canceled', 'failed'))), 0)
      INTO pieces_left FROM orders_invoiceline i WHERE i.id = NEW.line_id;
    IF NEW.quantity > pieces_left THEN
        RAISE EXCEPTION 'only % of the line can still be given back', pieces_left
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_line_within_quantity';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_refundline_limit BEFORE INSERT ON payments_refundline
    FOR EACH ROW EXECUTE FUNCTION payments_limit_refund_line();
"""

NO_GUARDS = """
DROP TRIGGER payments_refundline_limit ON payments_refundline;
DROP FUNCTION payments_limit_refund_line();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_credit_note_lines"),
        ("payments", "0016_practice"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="invoice",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Where lines of an invoice were chosen.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="line_refunds",
                to="orders.invoice",
                verbose_name="invoice of the lines",
            ),
        ),
        migrations.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                (
                    "credit_note",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_lines",
                        to="orders.creditnote",
                        verbose_name="credit note",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_lines",
                        to="orders.invoiceline",
                        verbose_name="invoice line",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.refund",
                        verbose_name="refund",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a refund",
                "verbose_name_plural": "lines of refunds",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="refund_line_quantity"
                    ),
                    models.UniqueConstraint(fields=("refund", "line"), name="refund_line_once"),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
