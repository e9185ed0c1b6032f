"""Names of the fields for people. The database is not touched."""

import core.fields
import crm.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="public_id",
            field=core.fields.PublicIdField(prefix="con", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="recorded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="recorded by",
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contact_points",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="public_id",
            field=core.fields.PublicIdField(prefix="cp", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="country",
            field=models.CharField(
                default="FI",
                help_text="Two letters, as in ISO 3166-1.",
                max_length=2,
                verbose_name="country",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absorbed",
                to="crm.customer",
                verbose_name="became the customer",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="public_id",
            field=core.fields.PublicIdField(prefix="cus", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="sort_key",
            field=core.fields.FreeCharField(
                db_collation="C", editable=False, max_length=400, verbose_name="sorting key"
            ),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="demoted",
            field=models.JSONField(default=list, verbose_name="no longer main"),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="merged_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="merged by",
            ),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="moved",
            field=models.JSONField(default=dict, verbose_name="what was moved"),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="public_id",
            field=core.fields.PublicIdField(prefix="mrg", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_from",
                to="crm.customer",
                verbose_name="from customer",
            ),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_to",
                to="crm.customer",
                verbose_name="to customer",
            ),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="undone"),
        ),
        migrations.AlterField(
            model_name="customermerge",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="undone by",
            ),
        ),
        migrations.AlterField(
            model_name="externalid",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="externalid",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="external_ids",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tries"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="cause",
            field=core.fields.StructuredCharField(max_length=120, verbose_name="cause"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="data",
            field=crm.fields.MaskedJSONField(blank=True, default=dict, verbose_name="details"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="gateway_reference",
            field=models.CharField(
                blank=True, default="", max_length=120, verbose_name="reference of the gateway"
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="language",
            field=models.CharField(
                choices=[("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")],
                max_length=2,
                verbose_name="language",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="lease_token",
            field=models.UUIDField(editable=False, null=True, verbose_name="token of the lease"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="lease_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="in work until"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="next_attempt_at",
            field=models.DateTimeField(
                blank=True, help_text="Empty: at once.", null=True, verbose_name="next try"
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="public_id",
            field=core.fields.PublicIdField(prefix="msg", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="outgoingmessage",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sent"),
        ),
        migrations.AlterField(
            model_name="searchkey",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="search_keys",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="searchkey",
            name="key",
            field=core.fields.FreeCharField(max_length=254, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="searchkey",
            name="kind",
            field=models.CharField(
                choices=[
                    ("name", "name"),
                    ("turned", "name"),
                    ("phone", "phone"),
                    ("email", "e-mail"),
                    ("business_id", "business ID"),
                    ("external", "external id"),
                    ("invoice", "invoice"),
                    ("order", "order"),
                    ("reference", "reference number"),
                    ("last4", "last digits of the card"),
                ],
                max_length=11,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who did it",
            ),
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="timeline",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="data",
            field=crm.fields.MaskedJSONField(blank=True, default=dict, verbose_name="details"),
        ),
        migrations.AlterField(
            model_name="timelineentry",
            name="object_id",
            field=core.fields.StructuredCharField(
                blank=True, default="", max_length=40, verbose_name="id of what it is about"
            ),
        ),
    ]
