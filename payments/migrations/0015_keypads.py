"""Cards keyed on a phone: who hears them, and what is being charged stays in flight."""

import core.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


LIMIT = """
CREATE OR REPLACE FUNCTION payments_limit_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    PERFORM 1 FROM payments_paymentintent WHERE id = NEW.intent_id FOR NO KEY UPDATE;
    SELECT i.amount - i.captured - i.capturable - coalesce((
        SELECT sum(a.amount) FROM payments_paymentattempt a
          LEFT JOIN payments_checkoutsession s ON s.id = a.session_id
         WHERE a.intent_id = i.id
           AND (a.status = 'unknown'
                OR (a.status = 'pending' AND a.superseded_at IS NULL
                    AND (s.id IS NULL OR s.status = 'open'%(more)s)))), 0)
      INTO free FROM payments_paymentintent i WHERE i.id = NEW.intent_id;
    IF NEW.amount > free THEN
        RAISE EXCEPTION 'only %% can still be charged', free
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_within_intent';
    END IF;
    RETURN NEW;
END
$$;
"""
BEING_CHARGED = """
                         OR EXISTS (SELECT FROM payments_provideroperation o
                                     WHERE o.attempt_id = a.id AND o.kind = 'confirm'
                                       AND o.status IN ('created', 'sent', 'unknown'))"""


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0006_now'),
        ('payments', '0014_surplus_moves'),
    ]

    operations = [
        migrations.CreateModel(
            name='Keypad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('public_id', core.fields.PublicIdField(prefix='kpd', verbose_name='public id')),
                ('kind', core.fields.StructuredCharField(max_length=40, verbose_name='gateway')),
                ('name', core.fields.FreeCharField(max_length=120, verbose_name='name')),
                ('credentials', core.fields.EncryptedJSONField(default=dict, verbose_name='stored credentials')),
                ('is_enabled', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'keypad',
                'verbose_name_plural': 'keypads',
            },
        ),
        migrations.RemoveIndex(
            model_name='checkoutsession',
            name='session_keyed',
        ),
        migrations.AddField(
            model_name='checkoutsession',
            name='is_masked',
            field=models.BooleanField(default=False, verbose_name='digits are masked'),
        ),
        migrations.AddField(
            model_name='provideroperation',
            name='field',
            field=core.fields.StructuredCharField(blank=True, default='', max_length=20, verbose_name='field that is asked for'),
        ),
        migrations.AlterField(
            model_name='checkoutsession',
            name='kind',
            field=models.CharField(choices=[('link', 'pay link'), ('keyed', 'card keyed by an agent'), ('bank', 'bank transfer'), ('keypad', 'card keyed on the phone')], default='link', max_length=8, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='provideroperation',
            name='kind',
            field=models.CharField(choices=[('create', 'open a page'), ('charge', 'charge a saved method'), ('capture', 'take authorised money'), ('cancel', 'let go of authorised money'), ('refund', 'refund'), ('close_session', 'close a page'), ('push', 'reach the customer'), ('ask', 'ask for a field'), ('confirm', 'charge what was keyed')], max_length=20, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='keypad',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='keypads', to='payments.provideraccount', verbose_name='provider account'),
        ),
        migrations.AddField(
            model_name='keypad',
            name='phone_system',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='keypads', to='crm.phonesystem', verbose_name='telephone system'),
        ),
        migrations.AddField(
            model_name='checkoutsession',
            name='keypad',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.keypad', verbose_name='keypad'),
        ),
        migrations.AddIndex(
            model_name='checkoutsession',
            index=models.Index(condition=models.Q(('kind__in', ['keyed', 'keypad'])), fields=['opened_at'], name='session_keyed'),
        ),
        migrations.AddConstraint(
            model_name='keypad',
            constraint=models.UniqueConstraint(condition=models.Q(('is_enabled', True)), fields=('phone_system', 'account'), name='keypad_once'),
        ),
        migrations.RunSQL(LIMIT % {"more": BEING_CHARGED}, LIMIT % {"more": ""}),
    ]
