"""Accounts for practice, and the wall between them and real customers."""

from django.db import migrations, models

WALL = """
CREATE FUNCTION payments_practice_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT a.is_practice FROM payments_provideraccount a WHERE a.id = NEW.account_id)
       IS DISTINCT FROM
       (SELECT c.is_practice FROM payments_paymentintent i
          JOIN crm_customer c ON c.id = i.customer_id WHERE i.id = NEW.intent_id) THEN
        RAISE EXCEPTION 'practice and real money are kept apart'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_paymentattempt_practice BEFORE INSERT ON payments_paymentattempt
    FOR EACH ROW EXECUTE FUNCTION payments_practice_apart();
"""
DOWN = """
DROP TRIGGER payments_paymentattempt_practice ON payments_paymentattempt;
DROP FUNCTION payments_practice_apart();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0015_keypads"), ("crm", "0008_practice")]

    operations = [
        migrations.AddField(
            model_name="provideraccount",
            name="is_practice",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="for practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="provideraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_practice", False), ("kind", "sandbox"), _connector="OR"),
                name="practice_moves_no_money",
            ),
        ),
        migrations.RunSQL(WALL, DOWN),
    ]
