"""Everything that the administration shows has a name in every language."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.test import RequestFactory
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override
from django.utils.translation.trans_real import translation

from tests.factories.core import admin as administrator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

pytestmark = pytest.mark.django_db

LANGUAGES = ("fi", "sv")
# Names that are the same everywhere: the number that Django gives a row, and the row's own words.
NAMELESS = frozenset({"id", "__str__", "action_checkbox"})


def has_a_name(name: Any) -> bool:
    """Say whether a name is written in both languages. One that no catalogue has is not."""
    if not isinstance(name, Promise):
        return False
    with override("en"):
        text = str(name)
    return all(text in _known(language) for language in LANGUAGES)


@cache
def _known(language: str) -> set[str]:
    """The sentences of a catalogue, whatever their context."""
    catalogue = translation(language)._catalog  # type: ignore[attr-defined]
    texts = (key[0] if isinstance(key, tuple) else key for key, _ in catalogue.items())
    return {text.rpartition("\x04")[2] for text in texts}


def name_of(table: Any, shown: Any, form: Any) -> Any:
    """What stands above a column or beside a field."""
    if isinstance(shown, str):
        if form is not None and shown in form.declared_fields:
            return form.declared_fields[shown].label
        try:
            return table.model._meta.get_field(shown).verbose_name
        except FieldDoesNotExist:
            shown = getattr(table, shown, None) or getattr(table.model, shown)
    return getattr(shown, "short_description", None)


def columns_of(table: Any, request: HttpRequest) -> Iterator[Any]:
    yield from table.get_fields(request)
    yield from getattr(table, "list_display", ())
    yield from getattr(table, "list_filter", ())


def names_of(table: Any, request: HttpRequest) -> Iterator[tuple[str, Any]]:
    """Every name that a table shows: its own, its app's, its columns', and its parts'."""
    options = table.model._meta
    label = options.label
    yield f"{label}: the table", options.verbose_name
    yield f"{label}: the tables", options.verbose_name_plural
    yield f"{label}: the app", options.app_config.verbose_name
    form = table.get_form(request) if isinstance(table, admin.ModelAdmin) else None
    for column in columns_of(table, request):
        shown = column[0] if isinstance(column, tuple) else column
        if shown not in NAMELESS:
            yield f"{label}: {shown}", name_of(table, shown, form)
    for part in getattr(table, "inlines", ()):
        yield from names_of(part(table.model, table.admin_site), request)


@pytest.fixture
def request_of_an_administrator(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/admin/")
    request.user = administrator()
    return request


def test_everything_that_the_administration_shows_has_a_name_in_every_language(
    request_of_an_administrator: HttpRequest,
) -> None:
    tables = list(admin.site._registry.values())
    names = [name for table in tables for name in names_of(table, request_of_an_administrator)]

    assert len(names) > 300
    assert [where for where, name in names if not has_a_name(name)] == []


def test_every_field_of_such_a_table_has_one_although_it_is_not_shown_today() -> None:
    fields = [
        (f"{model._meta.label}.{field.name}", field.verbose_name)
        for model in admin.site._registry
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field.name not in NAMELESS
    ]

    assert [where for where, name in fields if not has_a_name(name)] == []


def test_a_name_that_nobody_translated_is_found() -> None:
    """The proof that the tests before this one can fail."""
    assert has_a_name(gettext_lazy("amount"))
    assert not has_a_name(gettext_lazy("a name that nobody translated"))
    assert not has_a_name("amount")
