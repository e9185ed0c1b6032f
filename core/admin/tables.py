"""What every app's admin is made of: tables that are only looked at, and cheap counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.forms.models import model_to_dict
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core import audit, pan
from core.errors import CardNumberRefused

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from core.models import User

    Table = admin.ModelAdmin[Any]
    Rows = admin.TabularInline[Any, Any]
    Pages = Paginator[Any]
    ModelForm = forms.ModelForm[Any]
else:
    Table, Rows = admin.ModelAdmin, admin.TabularInline
    Pages = Paginator
    ModelForm = forms.ModelForm

EXACT_UP_TO = 10_000
HELP = _("By the beginning of an id")


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


class HistoryInTheAudit(Table):
    """A table whose rows have their history where all history is: in the audit."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the audit events of one row."""
        del extra_context
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        named = getattr(row, "public_id", None) or str(row.pk)
        query = {"object_type": self.opts.label_lower, "object_id": named}
        return redirect(f"{reverse('admin:core_auditevent_changelist')}?{urlencode(query)}")


class ReadOnlyAdmin(HistoryInTheAudit):
    """A table that nobody changes here, whatever their permissions say: services write it."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = EstimatedCountPaginator
    list_per_page = 50
    ordering = ["-pk"]
    shown: ClassVar[list[Any]] = []
    """What a row's own page shows, made columns included; empty: the fields of a form."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown or super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown or super().get_readonly_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False


class FoundById(ReadOnlyAdmin):
    """A table that is searched by the beginning of an id. The id's own prefix names the column.

    So every search is answered by one index, however many rows there are.
    """

    columns_of_ids: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        prefixes = ", ".join(f"{prefix}_…" for prefix in self.columns_of_ids)
        self.search_help_text = format_lazy("{words}: {prefixes}", words=HELP, prefixes=prefixes)  # type: ignore[misc]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        del request
        return list(self.columns_of_ids.values())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        del request
        term = search_term.strip()
        if not term:
            return queryset, False
        column = self.columns_of_ids.get(term.partition("_")[0])
        found = queryset.filter(**{f"{column}__startswith": term}) if column else queryset.none()
        return found, False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)

    @property
    def related(self) -> list[str]:
        """The rows that are shown beside each row, read together with it."""
        chosen = self.list_select_related
        return list(chosen) if isinstance(chosen, (list, tuple)) else []


class ReadOnlyRows(Rows):
    """What belongs to a row that is only looked at."""

    extra = 0
    can_delete = False
    template = "admin/read_only_rows.html"
    shown: ClassVar[list[Any]] = []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown or super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown or super().get_readonly_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False


class GuardedForm(ModelForm):
    """A form whose words are never stored when they look like a card number."""

    secret_fields: ClassVar[frozenset[str]] = frozenset()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if name not in self.secret_fields and isinstance(value, str):
                self._refuse_card_number(name, value)
        return cleaned

    def _refuse_card_number(self, name: str, value: str) -> None:
        if pan.looks_like_card(value):
            self.add_error(name, str(CardNumberRefused()))


class AuditedAdmin(HistoryInTheAudit):
    """A table that administrators change. Each change is an audit event; nothing is deleted."""

    form = GuardedForm
    list_per_page = 50
    unaudited: ClassVar[frozenset[str]] = frozenset()
    """Columns whose values stand in no digest: secrets."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        before = self._values(type(obj)._default_manager.get(pk=obj.pk)) if change else None  # noqa: SLF001
        super().save_model(request, obj, form, change)
        deed = "changed" if change else "added"
        self.record(request, deed, obj, before=before, after=self._values(obj))

    def record(
        self,
        request: HttpRequest,
        deed: str,
        obj: Model,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write who did what to the row, as `user.changed`."""
        action = f"{self.opts.model_name}.{deed}"
        audit.record(cast("User", request.user), action, obj, before=before, after=after)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Keep no second record: the audit has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Keep no second record: the audit has it."""

    def _values(self, obj: Model) -> dict[str, Any]:
        return model_to_dict(obj, exclude=list(self.unaudited))
