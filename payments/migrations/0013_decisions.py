"""Decisions of two people about operations without an answer, held by the database as well."""

import core.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION payments_keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.status <> 'awaiting'
       OR (NEW.operation_id, NEW.outcome, NEW.reason, NEW.seen, NEW.requested_by_id)
          IS DISTINCT FROM
          (OLD.operation_id, OLD.outcome, OLD.reason, OLD.seen, OLD.requested_by_id) THEN
        RAISE EXCEPTION 'a decision is approved as it was asked for, and stays as it was decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_outcomedecision_kept
    BEFORE UPDATE OR DELETE ON payments_outcomedecision
    FOR EACH ROW EXECUTE FUNCTION payments_keep_decision();

CREATE FUNCTION payments_refuse_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject_kind = 'refund' AND NEW.status = 'canceled' AND NOT EXISTS (
        SELECT FROM payments_refund r
          JOIN payments_provideroperation o ON o.refund_id = r.id
         WHERE r.public_id = NEW.subject_id) THEN
        RETURN NEW;  -- A refund that was never sent is released by one person alone.
    END IF;
    IF NOT EXISTS (
        SELECT FROM payments_outcomedecision d
          JOIN payments_provideroperation o ON o.id = d.operation_id
         WHERE d.public_id = NEW.detail ->> 'decision' AND d.status = 'approved'
           AND o.intent_id = NEW.intent_id) THEN
        RAISE EXCEPTION 'what a person says of money needs the approval of another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_decided_by_two';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_paymentevent_decided BEFORE INSERT ON payments_paymentevent
    FOR EACH ROW WHEN (NEW.source = 'operator' AND NEW.subject_kind IN
        ('attempt', 'capture', 'cancellation', 'refund', 'dispute'))
    EXECUTE FUNCTION payments_refuse_undecided();
"""

NO_GUARDS = """
DROP TRIGGER payments_paymentevent_decided ON payments_paymentevent;
DROP FUNCTION payments_refuse_undecided();
DROP TRIGGER payments_outcomedecision_kept ON payments_outcomedecision;
DROP FUNCTION payments_keep_decision();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0012_approvals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="cancellation",
            name="origin",
            field=models.CharField(
                choices=[
                    ("ours", "asked for here"),
                    ("provider", "made at the provider"),
                    ("decision", "decided by two people"),
                ],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="origin",
            field=models.CharField(
                choices=[
                    ("ours", "asked for here"),
                    ("provider", "made at the provider"),
                    ("decision", "decided by two people"),
                ],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="origin",
            field=models.CharField(
                choices=[
                    ("ours", "asked for here"),
                    ("provider", "made at the provider"),
                    ("decision", "decided by two people"),
                ],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.CreateModel(
            name="OutcomeDecision",
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
                ("public_id", core.fields.PublicIdField(prefix="dec", verbose_name="public id")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("carried_out", "carried out"),
                            ("not_carried_out", "not carried out"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", core.fields.FreeCharField(max_length=200, verbose_name="reason")),
                (
                    "seen",
                    core.fields.FreeCharField(
                        blank=True,
                        default="",
                        help_text="What the provider’s dashboard showed, in words.",
                        max_length=200,
                        verbose_name="seen at the provider",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("awaiting", "waits for a second person"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="awaiting",
                        max_length=10,
                        verbose_name="status",
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
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided_decisions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="payments.provideroperation",
                        verbose_name="provider operation",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_decisions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about an outcome",
                "verbose_name_plural": "decisions about outcomes",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "awaiting")),
                        fields=["created_at"],
                        name="decision_awaiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        name="decision_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "refused"]), _negated=True),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="decision_names_who_decided",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["awaiting", "approved"])),
                        fields=("operation",),
                        name="decision_one_for_an_operation",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
