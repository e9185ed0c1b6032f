"""By what a customer can be found."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField
from crm.models.customers import Customer

KEY_LENGTH = 254


class SearchKey(models.Model):
    """One thing by which a customer can be found: already folded, and why it would match.

    What upper apps know of a customer (invoices, references, last four digits) is written down
    here by them, so that searching never looks upwards. An empty label means the key itself,
    or for names the customer's name.
    """

    class Kind(models.TextChoices):
        NAME = "name", _("name")
        TURNED_NAME = "turned", _("name")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        BUSINESS_ID = "business_id", _("business ID")
        EXTERNAL = "external", _("external id")
        INVOICE = "invoice", _("invoice")
        ORDER = "order", _("order")
        REFERENCE = "reference", _("reference number")
        LAST4 = "last4", _("last digits of the card")

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="search_keys",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    key = FreeCharField(_("key"), max_length=KEY_LENGTH)
    label = FreeCharField(max_length=KEY_LENGTH, blank=True, default="")

    class Meta:
        verbose_name = _("search key")
        verbose_name_plural = _("search keys")
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "key"], name="searchkey_once"),
        ]
        indexes = [
            # Beginnings. The kind stands first, so one index serves every kind of key; with the
            # customer in it, a prefix is answered from the index alone.
            models.Index(
                fields=["kind", "key"],
                name="searchkey_prefix",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
                include=["customer"],
            ),
            # Ends: the last digits of a phone are the beginning of the number read backwards.
            models.Index(
                OpClass(Reverse(F("key")), name="text_pattern_ops"),
                name="searchkey_phone_end",
                condition=Q(kind="phone"),
            ),
            # Middles, for names only.
            GinIndex(
                fields=["key"],
                name="searchkey_name_middle",
                opclasses=["gin_trgm_ops"],
                condition=Q(kind="name"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.pk}"
