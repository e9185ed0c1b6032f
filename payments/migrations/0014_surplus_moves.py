"""Surplus that is put on another invoice, within what is free, held by the database as well."""

import core.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION payments_limit_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_capture c JOIN payments_paymentattempt a ON a.id = c.attempt_id
      WHERE a.intent_id = NEW.intent_id ORDER BY c.id FOR NO KEY UPDATE OF c;
    SELECT coalesce(sum(greatest(0, c.captured - c.disputed - c.allocated - coalesce((
        SELECT sum(r.amount) FROM payments_refund r
         WHERE r.capture_id = c.id AND r.currency = c.currency
           AND r.status NOT IN ('not_executed', 'canceled', 'failed')), 0))), 0)
      INTO free
      FROM payments_capture c JOIN payments_paymentattempt a ON a.id = c.attempt_id
     WHERE a.intent_id = NEW.intent_id AND c.currency = NEW.currency;
    IF NEW.amount > free THEN
        RAISE EXCEPTION 'only % of the payment is free', free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'move_within_surplus';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_surplusmove_limit BEFORE INSERT ON payments_surplusmove
    FOR EACH ROW WHEN (NEW.status = 'moved') EXECUTE FUNCTION payments_limit_move();
CREATE TRIGGER payments_surplusmove_approval BEFORE UPDATE OF status ON payments_surplusmove
    FOR EACH ROW WHEN (OLD.status <> 'moved' AND NEW.status = 'moved')
    EXECUTE FUNCTION payments_limit_move();
"""

NO_GUARDS = """
DROP TRIGGER payments_surplusmove_approval ON payments_surplusmove;
DROP TRIGGER payments_surplusmove_limit ON payments_surplusmove;
DROP FUNCTION payments_limit_move();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_feedback"),
        ("orders", "0006_broken"),
        ("payments", "0013_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SurplusMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("public_id", core.fields.PublicIdField(prefix="mov", verbose_name="public id")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("awaiting_approval", "waits for approval"),
                            ("moved", "moved"),
                            ("canceled", "cancelled"),
                            ("taken_back", "taken back"),
                        ],
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "above_limit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("per_move", "above the limit of a move"),
                            ("per_day", "above the limit of the day"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="above which limit",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "refusal",
                    core.fields.FreeCharField(
                        blank=True, default="", max_length=200, verbose_name="why it was refused"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surplus_moves",
                        to="crm.call",
                        verbose_name="call",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided_moves",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "intent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="payments.paymentintent",
                        verbose_name="payment intent",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surplus_moves",
                        to="orders.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
            ],
            options={
                "verbose_name": "move of surplus",
                "verbose_name_plural": "moves of surplus",
                "indexes": [
                    models.Index(
                        condition=models.Q(("call__isnull", False)),
                        fields=["call"],
                        name="move_of_call",
                    ),
                    models.Index(
                        condition=models.Q(("status", "awaiting_approval")),
                        fields=["created_at"],
                        name="move_awaiting",
                    ),
                    models.Index(fields=["requested_by", "created_at"], name="move_agent_day"),
                    models.Index(
                        condition=models.Q(("decided_by__isnull", False)),
                        fields=["decided_by", "decided_at"],
                        name="move_decider_day",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="move_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        name="move_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("above_limit", ""),
                            ("status__in", ["awaiting_approval", "canceled"]),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="move_above_limit_decided",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
