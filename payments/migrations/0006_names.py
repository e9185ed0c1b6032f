"""Names of the fields for people. The database is not touched."""

import core.fields
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_names"),
        ("orders", "0003_names"),
        ("payments", "0005_settle_quickly"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="intentitem",
            options={
                "verbose_name": "invoice of a payment",
                "verbose_name_plural": "invoices of payments",
            },
        ),
        migrations.AlterModelOptions(
            name="providerreference",
            options={
                "verbose_name": "reference of the provider",
                "verbose_name_plural": "references of providers",
            },
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="attempt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cancellations",
                to="payments.paymentattempt",
                verbose_name="payment attempt",
            ),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="origin",
            field=models.CharField(
                choices=[("ours", "asked for here"), ("provider", "made at the provider")],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="public_id",
            field=core.fields.PublicIdField(prefix="can", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="cancellation",
            name="status",
            field=models.CharField(
                choices=[
                    ("unknown", "no answer yet"),
                    ("pending", "under way"),
                    ("not_executed", "not carried out"),
                    ("failed", "failed"),
                    ("succeeded", "let go"),
                ],
                default="pending",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="allocated",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="allocated"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="attempt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="captures",
                to="payments.paymentattempt",
                verbose_name="payment attempt",
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="captured",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="taken"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="disputed",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="disputed"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="origin",
            field=models.CharField(
                choices=[("ours", "asked for here"), ("provider", "made at the provider")],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="public_id",
            field=core.fields.PublicIdField(prefix="cap", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="refunded",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="refunded"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="status",
            field=models.CharField(
                choices=[
                    ("unknown", "no answer yet"),
                    ("pending", "under way"),
                    ("not_executed", "not carried out"),
                    ("succeeded", "taken"),
                    ("failed", "failed"),
                ],
                default="pending",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="channel",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="channel"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="destination",
            field=core.fields.StructuredCharField(
                blank=True, default="", max_length=254, verbose_name="to"
            ),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ended"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="expires_at",
            field=models.DateTimeField(verbose_name="expires"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="language",
            field=models.CharField(default="fi", max_length=8, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="opened_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="opened"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="public_id",
            field=core.fields.PublicIdField(prefix="cs", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "open"),
                    ("closing", "being closed"),
                    ("closed", "closed"),
                    ("paid", "paid"),
                    ("expired", "expired"),
                ],
                default="open",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="checkoutsession",
            name="turn",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="turn"),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="payments.capture",
                verbose_name="capture",
            ),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="public_id",
            field=core.fields.PublicIdField(prefix="dp", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="reason",
            field=core.fields.FreeCharField(
                blank=True, default="", max_length=200, verbose_name="reason"
            ),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="status",
            field=models.CharField(
                choices=[
                    ("needs_response", "needs an answer"),
                    ("under_review", "being decided"),
                    ("lost", "lost"),
                    ("won", "won"),
                ],
                default="needs_response",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="errormapping",
            name="meaning",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.unifiederror",
                verbose_name="meaning",
            ),
        ),
        migrations.AlterField(
            model_name="errormapping",
            name="operation",
            field=models.CharField(
                blank=True, default="", max_length=20, verbose_name="provider operation"
            ),
        ),
        migrations.AlterField(
            model_name="errormapping",
            name="provider",
            field=models.CharField(max_length=40, verbose_name="provider"),
        ),
        migrations.AlterField(
            model_name="errormapping",
            name="provider_code",
            field=models.CharField(
                blank=True, default="", max_length=80, verbose_name="the provider’s code"
            ),
        ),
        migrations.AlterField(
            model_name="intentitem",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="intentitem",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="intentitem",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="intent_items",
                to="orders.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="code",
            field=models.CharField(max_length=32, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="credits",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="credits"),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="debits",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="debits"),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="key",
            field=models.CharField(max_length=80, unique=True, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="ledgeraccount",
            name="owner",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="owner"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="authorised",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="authorised"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="cancelled",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="let go"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="captured",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="taken"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="client_digest",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                max_length=32,
                verbose_name="digest of the customer’s address",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="error_code",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                max_length=60,
                verbose_name="code of the error",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="lease_token",
            field=models.UUIDField(editable=False, null=True, verbose_name="token of the lease"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="lease_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="in work until"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="method",
            field=models.CharField(max_length=40, verbose_name="way to pay"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="method_brand",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=40, verbose_name="brand"
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="method_last4",
            field=core.fields.StructuredCharField(
                blank=True,
                default="",
                editable=False,
                max_length=4,
                verbose_name="last digits of the card",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="page_expires_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="page open until"
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="page_url",
            field=models.TextField(
                blank=True, default="", editable=False, verbose_name="address of the page"
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="poll_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="read next"
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="polls",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="times read"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="public_id",
            field=core.fields.PublicIdField(prefix="pa", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="saved_method",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="payments.paymentmethod",
                verbose_name="saved payment method",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="saves_method",
            field=models.BooleanField(
                default=False,
                help_text="The customer allowed the method to be kept.",
                verbose_name="is to be kept",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="payments.checkoutsession",
                verbose_name="checkout session",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="status",
            field=models.CharField(
                choices=[
                    ("unknown", "no answer yet"),
                    ("pending", "under way"),
                    ("declined", "declined"),
                    ("expired", "expired"),
                    ("not_executed", "not carried out"),
                    ("canceled", "cancelled"),
                    ("authorised", "authorised"),
                ],
                default="pending",
                editable=False,
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="paymentattempt",
            name="superseded_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="replaced"
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="who did it",
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="amount",
            field=models.BigIntegerField(default=0, verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="code",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="currency",
            field=models.CharField(blank=True, default="", max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="dedupe_key",
            field=models.CharField(max_length=64, verbose_name="key against repeats"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="detail",
            field=models.JSONField(default=dict, verbose_name="details"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="occurred_at",
            field=models.DateTimeField(null=True, verbose_name="happened"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="source",
            field=models.CharField(
                choices=[
                    ("api", "answer"),
                    ("webhook", "webhook"),
                    ("poll", "read"),
                    ("import", "settlement file"),
                    ("operator", "decision"),
                    ("clock", "clock"),
                    ("page", "pay page"),
                    ("gateway", "message gateway"),
                ],
                max_length=10,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="status",
            field=models.CharField(max_length=32, verbose_name="status"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="subject_id",
            field=models.CharField(max_length=40, verbose_name="id of what it is about"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="subject_kind",
            field=models.CharField(max_length=16, verbose_name="kind of what it is about"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="version",
            field=models.BigIntegerField(null=True, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="xid",
            field=core.fields.XidField(verbose_name="transaction"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_intents",
                to=settings.AUTH_USER_MODEL,
                verbose_name="agent",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="allows_surplus",
            field=models.BooleanField(default=False, verbose_name="more than owed is allowed"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="amount",
            field=models.BigIntegerField(help_text="Minor units.", verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="authorised",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="authorised"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="blocked_by_unknown",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="waits for an unknown outcome"
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="call_reference",
            field=core.fields.StructuredCharField(
                blank=True, default="", max_length=80, verbose_name="reference of the call"
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="cancelled",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="let go"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="capturable",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="can be taken"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="captured",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="taken"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="channel",
            field=models.CharField(
                choices=[("phone", "phone"), ("web", "web"), ("api", "API")],
                default="phone",
                max_length=16,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_intents",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="description",
            field=core.fields.FreeCharField(
                blank=True, default="", max_length=200, verbose_name="description"
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="disputed",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="disputed"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="is_manual_capture",
            field=models.BooleanField(default=False, verbose_name="only reserved"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="needs_review",
            field=models.BooleanField(default=False, editable=False, verbose_name="needs a look"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_intents",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="public_id",
            field=core.fields.PublicIdField(prefix="pi", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="refunded",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="refunded"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="review_reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                default=list,
                editable=False,
                verbose_name="why a look is needed",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="status",
            field=models.CharField(
                choices=[
                    ("requires_payment_method", "not paid yet"),
                    ("requires_action", "the customer is paying"),
                    ("processing", "being confirmed"),
                    ("requires_capture", "reserved, not taken yet"),
                    ("partially_paid", "partly paid"),
                    ("succeeded", "paid"),
                    ("canceled", "cancelled"),
                ],
                default="requires_payment_method",
                editable=False,
                max_length=32,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="surplus",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="surplus"),
        ),
        migrations.AlterField(
            model_name="paymentintent",
            name="version",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="brand",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="brand"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_methods",
                to="crm.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="expires",
            field=models.CharField(blank=True, default="", max_length=7, verbose_name="expires"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="last4",
            field=core.fields.StructuredCharField(
                blank=True, default="", max_length=4, verbose_name="last digits of the card"
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="method",
            field=models.CharField(max_length=40, verbose_name="way to pay"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="public_id",
            field=core.fields.PublicIdField(prefix="pm", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="removed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="removed"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="token",
            field=core.fields.EncryptedJSONField(default=dict, verbose_name="token"),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="token_digest",
            field=models.CharField(max_length=64, verbose_name="digest of the token"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="credentials",
            field=core.fields.EncryptedJSONField(default=dict, verbose_name="stored credentials"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="currencies",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=3), default=list, verbose_name="currencies"
            ),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="is_enabled",
            field=models.BooleanField(default=True, verbose_name="in use"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="kind",
            field=core.fields.StructuredCharField(max_length=40, verbose_name="provider"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="methods",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, verbose_name="ways to pay"
            ),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="name",
            field=core.fields.FreeCharField(max_length=120, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="priority",
            field=models.PositiveSmallIntegerField(default=100, verbose_name="order of use"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="public_id",
            field=core.fields.PublicIdField(prefix="acct", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="provideraccount",
            name="unavailable_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="out of reach until"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="attempt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="operations",
                to="payments.paymentattempt",
                verbose_name="payment attempt",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="cancellation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.cancellation",
                verbose_name="cancellation",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="capture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.capture",
                verbose_name="capture",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="error_code",
            field=models.CharField(
                blank=True, default="", max_length=80, verbose_name="code of the error"
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="first_sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first sent"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="has_lost_answer",
            field=models.BooleanField(default=False, verbose_name="an answer was lost"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="operations",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="key",
            field=models.CharField(max_length=80, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "open a page"),
                    ("charge", "charge a saved method"),
                    ("capture", "take authorised money"),
                    ("cancel", "let go of authorised money"),
                    ("refund", "refund"),
                    ("close_session", "close a page"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="last_sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last sent"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="lease_token",
            field=models.UUIDField(editable=False, null=True, verbose_name="token of the lease"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="lease_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="in work until"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="public_id",
            field=core.fields.PublicIdField(prefix="op", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="refund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.refund",
                verbose_name="refund",
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="request_hash",
            field=models.CharField(max_length=64, verbose_name="digest of the request"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="resolve_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="asked again at"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="resolves",
            field=models.PositiveIntegerField(default=0, verbose_name="times asked again"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="send_at",
            field=models.DateTimeField(
                help_text="Not sent before this instant.", verbose_name="sent from"
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="send_until",
            field=models.DateTimeField(
                help_text="Never sent or repeated after this instant.", verbose_name="sent until"
            ),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="sends",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="times sent"),
        ),
        migrations.AlterField(
            model_name="provideroperation",
            name="status",
            field=models.CharField(
                choices=[
                    ("created", "to be sent"),
                    ("sent", "sent"),
                    ("done", "done"),
                    ("declined", "declined"),
                    ("not_executed", "not carried out"),
                    ("unknown", "no answer yet"),
                ],
                default="created",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="attempt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="references",
                to="payments.paymentattempt",
                verbose_name="payment attempt",
            ),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="intent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="references",
                to="payments.paymentintent",
                verbose_name="payment intent",
            ),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="kind",
            field=models.CharField(max_length=40, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="reference",
            field=models.CharField(max_length=255, verbose_name="reference of the provider"),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="subject_id",
            field=models.CharField(
                help_text="Public id of our row.",
                max_length=40,
                verbose_name="id of what it is about",
            ),
        ),
        migrations.AlterField(
            model_name="providerreference",
            name="subject_kind",
            field=models.CharField(max_length=16, verbose_name="kind of what it is about"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="payments.capture",
                verbose_name="capture",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="origin",
            field=models.CharField(
                choices=[("ours", "asked for here"), ("provider", "made at the provider")],
                default="ours",
                max_length=10,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="public_id",
            field=core.fields.PublicIdField(prefix="re", verbose_name="public id"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="reason",
            field=core.fields.FreeCharField(
                blank=True, default="", max_length=200, verbose_name="reason"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="status",
            field=models.CharField(
                choices=[
                    ("awaiting_approval", "waits for approval"),
                    ("requested", "requested"),
                    ("unknown", "no answer yet"),
                    ("pending", "on its way"),
                    ("not_executed", "not carried out"),
                    ("canceled", "cancelled"),
                    ("succeeded", "refunded"),
                    ("failed", "failed"),
                ],
                default="requested",
                max_length=24,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="wants_credit_note",
            field=models.BooleanField(default=False, verbose_name="with a credit note"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="amount",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="credit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.ledgeraccount",
                verbose_name="credit account",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="debit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.ledgeraccount",
                verbose_name="debit account",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="is_reverse",
            field=models.BooleanField(default=False, verbose_name="reversed"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="pair",
            field=models.CharField(max_length=60, verbose_name="pair of accounts"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="source",
            field=models.CharField(max_length=160, unique=True, verbose_name="source"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="subject",
            field=models.CharField(max_length=40, verbose_name="what it is about"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="xid",
            field=core.fields.XidField(verbose_name="transaction"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="agent_en",
            field=models.TextField(verbose_name="to the agent, in English"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="agent_fi",
            field=models.TextField(verbose_name="to the agent, in Finnish"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="agent_sv",
            field=models.TextField(verbose_name="to the agent, in Swedish"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="code",
            field=models.SlugField(max_length=60, unique=True, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="customer_en",
            field=models.TextField(verbose_name="to the customer, in English"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="customer_fi",
            field=models.TextField(verbose_name="to the customer, in Finnish"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="customer_sv",
            field=models.TextField(verbose_name="to the customer, in Swedish"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="may_repeat",
            field=models.BooleanField(default=False, verbose_name="may be tried again"),
        ),
        migrations.AlterField(
            model_name="unifiederror",
            name="offers_other_method",
            field=models.BooleanField(default=True, verbose_name="another way is offered"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.provideraccount",
                verbose_name="provider account",
            ),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tries"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="error",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="what went wrong"
            ),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="event_id",
            field=models.CharField(max_length=255, verbose_name="id of the event"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="finished_at",
            field=models.DateTimeField(null=True, verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="kind",
            field=models.CharField(max_length=80, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="lease_token",
            field=models.UUIDField(editable=False, null=True, verbose_name="token of the lease"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="lease_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="in work until"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="next_at",
            field=models.DateTimeField(verbose_name="next try"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="occurred_at",
            field=models.DateTimeField(null=True, verbose_name="happened"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="our_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="our id"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="received_at",
            field=models.DateTimeField(verbose_name="received"),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="reference",
            field=models.CharField(
                blank=True, default="", max_length=255, verbose_name="reference of the provider"
            ),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="reference_kind",
            field=models.CharField(
                blank=True, default="", max_length=40, verbose_name="kind of reference"
            ),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("claimed", "being applied"),
                    ("done", "applied"),
                    ("parked", "waits for a person"),
                    ("rejected", "of no use"),
                ],
                default="received",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
