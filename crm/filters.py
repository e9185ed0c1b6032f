"""What the list of customers can be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from crm.contact_values import normalise_email, normalise_phone
from crm.models import ContactPoint, Customer, ExternalId, SearchKey
from crm.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from crm.models.customers import CustomerQuerySet


class NormalisedField(forms.CharField):
    """A text in the form in which it is stored. Refuses what has no such form."""

    def __init__(self, *, normalise: Callable[[str], str], **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.normalise = normalise

    def clean(self, value: str | None) -> str:
        text = super().clean(value)
        try:
            return self.normalise(text) if text else ""
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from None


class NormalisedFilter(django_filters.CharFilter):  # type: ignore[misc] # it has no types
    field_class = NormalisedField


def split_external_id(text: str) -> str:
    """The same text. Refuses one without a source: an id says nothing without its system."""
    source, colon, value = text.partition(":")
    if not (source and colon and value):
        raise ValidationError(_("Write it as system:id."), code="external_id_unreadable")
    return text


class CustomerFilter(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    """By name (the beginning of any word), phone in any notation, e-mail, or another's id."""

    name = django_filters.CharFilter(
        method="with_name", help_text="The beginning of any word of the name."
    )
    phone = NormalisedFilter(
        normalise=normalise_phone, method="with_phone", help_text="In any notation."
    )
    email = NormalisedFilter(normalise=normalise_email, method="with_email")
    external_id = NormalisedFilter(
        normalise=split_external_id,
        method="with_external_id",
        help_text="What another system calls the customer: `system:id`.",
    )
    updated_at__gte = django_filters.IsoDateTimeFilter(
        "updated_at", "gte", help_text="Changed at this instant or later."
    )

    class Meta:
        model = Customer
        fields = ["name", "phone", "email", "external_id", "kind", "updated_at__gte"]

    def with_name(self, rows: CustomerQuerySet, name: str, text: str) -> CustomerQuerySet:
        del name
        kinds = [SearchKey.Kind.NAME, SearchKey.Kind.TURNED_NAME]
        keys = SearchKey.objects.filter(kind__in=kinds, key__startswith=fold(text))
        return rows.filter(Exists(keys.filter(customer=OuterRef("pk"))))

    def with_phone(self, rows: CustomerQuerySet, name: str, value: str) -> CustomerQuerySet:
        return rows.filter(pk__in=self._owners(name, value))

    def with_email(self, rows: CustomerQuerySet, name: str, value: str) -> CustomerQuerySet:
        return rows.filter(pk__in=self._owners(name, value))

    def with_external_id(self, rows: CustomerQuerySet, name: str, text: str) -> CustomerQuerySet:
        del name
        source, _colon, value = text.partition(":")
        owners = ExternalId.objects.filter(source=source, value=value).values("customer")
        return rows.filter(pk__in=owners)

    def _owners(self, kind: str, value: str) -> QuerySet[ContactPoint, Any]:
        return ContactPoint.objects.filter(kind=kind, value=value).values("customer")
