"""Customers and their messages, to be looked at. They are changed at the desk, by services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages

from core.admin import ReadOnlyAdmin, ReadOnlyRows
from core.errors import CardNumberRefused
from crm.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerMerge,
    ExternalId,
    OutgoingMessage,
    Task,
    TimelineEntry,
)
from crm.search import find_customers
from crm.search.find import MOST_RESULTS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class ContactPoints(ReadOnlyRows):
    model = ContactPoint
    shown = ["kind", "value", "label", "is_primary"]


class ExternalIds(ReadOnlyRows):
    model = ExternalId
    shown = ["source", "value"]


class Consents(ReadOnlyRows):
    model = Consent
    shown = ["purpose", "is_given", "evidence", "recorded_by", "created_at"]


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Searched by the desk's own search, so that a million rows are no matter."""

    list_display = ["name", "kind", "language", "public_id", "updated_at"]
    list_filter = ["kind", "language"]
    search_fields = ["public_id__exact"]
    inlines = [ContactPoints, ExternalIds, Consents]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        if search_term.startswith("cus_"):
            return super().get_search_results(request, queryset, search_term)
        try:
            found = find_customers(search_term, limit=MOST_RESULTS)
        except CardNumberRefused as refusal:
            messages.error(request, str(refusal))
            return queryset.none(), False
        return queryset.filter(pk__in=[match.customer.pk for match in found]), False


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "source", "target", "merged_by", "created_at", "undone_at"]
    list_select_related = ["source", "target", "merged_by"]
    search_fields = ["public_id__exact", "source__public_id__exact", "target__public_id__exact"]


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "kind", "channel", "customer", "status", "attempts", "created_at"]
    list_filter = ["status", "channel"]
    list_select_related = ["customer"]
    search_fields = ["public_id__exact", "gateway_reference__exact", "cause__exact"]


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """Tasks are made and done at the desk."""

    list_display = ["kind", "customer", "due_at", "assigned_to", "done_at", "public_id"]
    list_filter = ["kind"]
    list_select_related = ["customer", "assigned_to"]
    search_fields = ["public_id__exact", "customer__public_id__exact"]


@admin.register(TimelineEntry)
class TimelineEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "customer", "actor", "object_id"]
    list_select_related = ["customer", "actor"]
    search_fields = ["object_id__exact", "customer__public_id__exact"]
