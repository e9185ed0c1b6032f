"""A second person for refunds above a limit, held by the database as well."""

import core.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION payments_limit_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_capture WHERE id = NEW.capture_id FOR NO KEY UPDATE;
    SELECT c.captured - c.disputed - coalesce((
        SELECT sum(r.amount) FROM payments_refund r
         WHERE r.capture_id = c.id AND r.currency = c.currency
           AND r.status NOT IN ('not_executed', 'canceled', 'failed')), 0)
      INTO free FROM payments_capture c WHERE c.id = NEW.capture_id;
    IF free < 0 THEN
        RAISE EXCEPTION 'the money went back another way: % is missing', -free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_within_capture';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_refund_approval BEFORE UPDATE OF status ON payments_refund
    FOR EACH ROW WHEN (OLD.status = 'awaiting_approval' AND NEW.status = 'requested')
    EXECUTE FUNCTION payments_limit_approval();

CREATE FUNCTION payments_refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_refund r WHERE r.id = NEW.refund_id
                  AND (r.status IN ('awaiting_approval', 'canceled')
                       OR (r.above_limit <> '' AND r.decided_by_id IS NULL))) THEN
        RAISE EXCEPTION 'this refund waits for a second person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_approved_before_sent';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_provideroperation_approved BEFORE INSERT ON payments_provideroperation
    FOR EACH ROW WHEN (NEW.refund_id IS NOT NULL) EXECUTE FUNCTION payments_refuse_unapproved();
"""

NO_GUARDS = """
DROP TRIGGER payments_provideroperation_approved ON payments_provideroperation;
DROP FUNCTION payments_refuse_unapproved();
DROP TRIGGER payments_refund_approval ON payments_refund;
DROP FUNCTION payments_limit_approval();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0011_parked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="above_limit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("per_refund", "above the limit of a refund"),
                    ("per_day", "above the limit of the day"),
                ],
                default="",
                max_length=10,
                verbose_name="above which limit",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="decided"),
        ),
        migrations.AddField(
            model_name="refund",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decided_refunds",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="refusal",
            field=core.fields.FreeCharField(
                blank=True, default="", max_length=200, verbose_name="why it was refused"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("decided_by__isnull", False)),
                fields=["decided_by", "decided_at"],
                name="refund_decider_day",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("above_limit", ""), _negated=True),
                fields=["decided_at"],
                name="refund_for_two",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("status", "awaiting_approval")),
                fields=["created_at"],
                name="refund_awaiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("requested_by")), _negated=True),
                name="refund_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("above_limit", ""),
                    ("status__in", ["awaiting_approval", "canceled"]),
                    ("decided_by__isnull", False),
                    _connector="OR",
                ),
                name="refund_above_limit_decided",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
