"""What every app's admin is made of: tables that are only looked at, and cheap counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.http import HttpRequest

    Table = admin.ModelAdmin[Any]
    Pages = Paginator[Any]
else:
    Table = admin.ModelAdmin
    Pages = Paginator

EXACT_UP_TO = 10_000


class EstimatedCountPaginator(Pages):
    """Counts exactly up to 10 000 rows; beyond, takes PostgreSQL's own estimate of the table.

    A narrowed list with more rows than that is shown as having 10 000.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows[: EXACT_UP_TO + 1].count()
        if counted <= EXACT_UP_TO:
            return counted
        return EXACT_UP_TO if rows.query.where else max(self._estimate(rows), counted)

    def _estimate(self, rows: Any) -> int:
        with connections[rows.db].cursor() as cursor:
            table = rows.model._meta.db_table  # noqa: SLF001 - the documented way
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            return int(cursor.fetchone()[0])


class ReadOnlyAdmin(Table):
    """A table that nobody changes here, whatever their permissions say: services write it."""

    show_full_result_count = False
    paginator = EstimatedCountPaginator
    list_per_page = 50
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False
