"""Names of the fields for people. The database is not touched."""

import core.fields
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_append_only"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditevent",
            options={"verbose_name": "audit event", "verbose_name_plural": "audit events"},
        ),
        migrations.AlterModelOptions(
            name="idempotencyrecord",
            options={
                "verbose_name": "accepted request",
                "verbose_name_plural": "accepted requests",
            },
        ),
        migrations.AlterModelOptions(
            name="jobrun",
            options={"verbose_name": "run of a job", "verbose_name_plural": "runs of jobs"},
        ),
        migrations.AlterModelOptions(
            name="seal",
            options={"verbose_name": "seal", "verbose_name_plural": "seals"},
        ),
        migrations.AlterField(
            model_name="apikey",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="api_keys",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="permissions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                blank=True,
                default=list,
                verbose_name="permissions",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="prefix",
            field=models.CharField(
                db_collation="C",
                editable=False,
                max_length=12,
                unique=True,
                verbose_name="begins with",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="public_id",
            field=core.fields.PublicIdField(prefix="key", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="secret_hash",
            field=models.CharField(
                editable=False, max_length=64, verbose_name="digest of the secret"
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(max_length=80, verbose_name="what was done"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="actor_id",
            field=models.CharField(max_length=80, verbose_name="id of who did it"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="actor_kind",
            field=models.CharField(max_length=8, verbose_name="kind of who did it"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="after_digest",
            field=models.CharField(blank=True, max_length=64, verbose_name="digest after"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="at"
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="before_digest",
            field=models.CharField(blank=True, max_length=64, verbose_name="digest before"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="object_id",
            field=models.CharField(
                db_collation="C", max_length=40, verbose_name="id of what it is about"
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="object_type",
            field=models.CharField(max_length=80, verbose_name="what it is about"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="reason",
            field=core.fields.FreeCharField(blank=True, max_length=500, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="reason_digest",
            field=models.CharField(blank=True, max_length=64, verbose_name="digest of the reason"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="request_id",
            field=models.CharField(blank=True, max_length=64, verbose_name="id of the request"),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="xid",
            field=core.fields.XidField(verbose_name="transaction"),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="body_hash",
            field=models.CharField(max_length=64, verbose_name="digest of the request"),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="key",
            field=models.CharField(db_collation="C", max_length=255, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="object_id",
            field=models.CharField(max_length=40, verbose_name="id of what it is about"),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="principal",
            field=models.CharField(db_collation="C", max_length=40, verbose_name="person or key"),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="route",
            field=models.CharField(db_collation="C", max_length=80, verbose_name="address"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="business_date",
            field=models.DateField(verbose_name="business day"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="finished_at",
            field=models.DateTimeField(null=True, verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="job",
            field=models.CharField(max_length=80, verbose_name="job"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="lease_until",
            field=models.DateTimeField(verbose_name="in work until"),
        ),
        migrations.AlterField(
            model_name="jobrun",
            name="started_at",
            field=models.DateTimeField(verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="columns",
            field=models.JSONField(default=dict, verbose_name="columns"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="from_xid",
            field=models.BigIntegerField(verbose_name="from transaction"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="mac",
            field=models.CharField(max_length=64, verbose_name="seal"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="made_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="seal",
            name="parts",
            field=models.JSONField(verbose_name="parts"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="previous",
            field=models.CharField(max_length=64, unique=True, verbose_name="seal before"),
        ),
        migrations.AlterField(
            model_name="seal",
            name="to_xid",
            field=models.BigIntegerField(verbose_name="up to transaction"),
        ),
        migrations.AlterField(
            model_name="user",
            name="public_id",
            field=core.fields.PublicIdField(prefix="usr", verbose_name="public id"),
        ),
    ]
