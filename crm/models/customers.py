"""Who the customers are and how they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, FreeTextField, PublicIdField, StructuredCharField
from core.models.base import BaseModel

if TYPE_CHECKING:
    from django.db.models import QuerySet

NAME_LENGTH = 200


class Channel(models.TextChoices):
    """The ways in which a message can reach somebody."""

    SMS = "sms", _("text message")
    EMAIL = "email", _("e-mail")


class CustomerQuerySet(models.QuerySet["Customer"]):
    def current(self) -> CustomerQuerySet:
        """Customers who have not been merged into another."""
        return self.filter(merged_into=None)

    def with_main_contacts(self) -> CustomerQuerySet:
        """Adds main_phone and main_email, empty where there is none, in the same query."""
        return self.annotate(
            main_phone=_main_value(ContactPoint.Kind.PHONE),
            main_email=_main_value(ContactPoint.Kind.EMAIL),
        )


class Customer(BaseModel):
    """A person or a company that owes, buys or pays.

    A merged customer keeps its row and its public id, and points to the one it became.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")

    class Language(models.TextChoices):
        FINNISH = "fi", _("Finnish")
        SWEDISH = "sv", _("Swedish")
        ENGLISH = "en", _("English")

    public_id = PublicIdField(_("public id"), prefix="cus")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PERSON)
    name = FreeCharField(_("name"), max_length=NAME_LENGTH)
    sort_key = FreeCharField(
        _("sorting key"), max_length=NAME_LENGTH * 2, db_collation="C", editable=False
    )
    business_id = StructuredCharField(_("business ID"), max_length=9, blank=True, default="")
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.FINNISH
    )
    note = FreeTextField(_("note"), blank=True, default="")
    street = FreeCharField(_("street"), max_length=200, blank=True, default="")
    postal_code = StructuredCharField(_("postal code"), max_length=12, blank=True, default="")
    town = FreeCharField(_("town"), max_length=80, blank=True, default="")
    country = models.CharField(
        _("country"), max_length=2, default="FI", help_text=_("Two letters, as in ISO 3166-1.")
    )
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=5, choices=Channel, blank=True, default=""
    )
    preferred_method = StructuredCharField(
        _("preferred payment method"), max_length=32, blank=True, default=""
    )
    is_practice = models.BooleanField(
        _("for practice"), default=False, db_default=False, editable=False
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("became the customer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
    )
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="customer_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="customer_sort"),
            models.Index(fields=["updated_at"], name="customer_updated"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def ids_by_source(self) -> dict[str, str]:
        """What other systems call this customer, for each the latest."""
        known = sorted(self.external_ids.all(), key=lambda external: external.pk)
        return {external.source: external.value for external in known}


class ContactPoint(BaseModel):
    """One number or address of a customer. Several customers may share one."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")

    public_id = PublicIdField(_("public id"), prefix="cp")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="contact_points",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    value = StructuredCharField(
        _("value"), max_length=254, help_text=_("A phone in E.164 or an e-mail in lower case.")
    )
    label = FreeCharField(_("label"), max_length=60, blank=True, default="")
    is_primary = models.BooleanField(_("main"), default=False)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="contact_once"),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(is_primary=True),
                name="contact_one_main_per_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind="phone") | Q(value__regex=r"^\+[1-9][0-9]{3,14}$"),
                name="contact_phone_is_e164",
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="contact_value")]

    def __str__(self) -> str:
        return self.value


class ExternalId(BaseModel):
    """What another system calls this customer. No two customers share one."""

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="external_ids"
    )
    source = StructuredCharField(_("system"), max_length=40)
    value = StructuredCharField(_("id"), max_length=120)

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [
            models.UniqueConstraint(fields=["source", "value"], name="external_id_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"


class CustomerMerge(BaseModel):
    """Two customers who turned out to be one, with all that is needed to take it back.

    `moved` maps "app.Model.field" to the primary keys that were re-pointed from source to
    target; `demoted` lists contact points that stopped being the main one.
    """

    public_id = PublicIdField(_("public id"), prefix="mrg")
    source = models.ForeignKey(
        Customer,
        verbose_name=_("from customer"),
        on_delete=models.PROTECT,
        related_name="merges_from",
    )
    target = models.ForeignKey(
        Customer, verbose_name=_("to customer"), on_delete=models.PROTECT, related_name="merges_to"
    )
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("merged by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    moved = models.JSONField(_("what was moved"), default=dict)
    demoted = models.JSONField(_("no longer main"), default=list)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_of_two_customers"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at=None), name="merge_once_at_a_time"
            ),
        ]


def _main_value(kind: ContactPoint.Kind) -> models.Subquery:
    values: QuerySet[ContactPoint] = ContactPoint.objects.filter(
        customer=models.OuterRef("pk"), kind=kind, is_primary=True
    )
    return models.Subquery(values.values("value")[:1])
