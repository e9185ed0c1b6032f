"""What the kernel writes down by itself, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.admin.tables import ReadOnlyAdmin
from core.models import AuditEvent, IdempotencyRecord, JobRun, Seal

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what. Searched by the whole id of the actor or of the object."""

    list_display = ["at", "actor_id", "action", "object_type", "object_id", "request_id"]
    search_fields = ["object_id__exact", "actor_id__exact"]
    shown = [
        *("at", "actor_kind", "actor_id", "action", "object_type", "object_id", "reason"),
        *("before_digest", "after_digest", "reason_digest", "request_id", "xid"),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        del request
        term = search_term.strip()
        if not term:
            return queryset, False
        is_person = term.startswith(("usr_", "key_"))
        column = "actor_id" if is_person else "object_id"
        return queryset.filter(**{column: term}), False


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "from_xid", "to_xid", "mac"]
    shown = ["made_at", "from_xid", "to_xid", "parts", "columns", "previous", "mac"]


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["job", "business_date", "started_at", "finished_at"]
    search_fields = ["job__exact"]


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Requests of machines that were accepted. Searched by the whole id of what they made."""

    list_display = ["created_at", "principal", "route", "object_id"]
    shown = ["created_at", "principal", "route", "key", "object_id"]
