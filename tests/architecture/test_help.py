"""Every page that people work on has its help, in English and in Finnish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from core import policy
from crm import help as helping
from tests.architecture.test_routes import GUARDED_ELSEWHERE, permissions_of
from tests.clients import signed_in
from tests.factories.core import supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

# What is read by GET and is no page: parts of pages, files, and what programs ask.
NO_PAGES = {
    "core:stream", "core:versions", "crm:call-line", "crm:wrap-ups", "orders:invoice-pdf",
    "payments:rail", "reporting:figures", "reporting:keying-csv", "reporting:now-figures",
    "training:strip",
}  # fmt: skip
PARAMETER = re.compile(r"<(\w+):\w+>")
ANYTHING = {"slug": "x", "int": "1", "str": "x"}


def named(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, ...]]:
    """The name of each address, an example of it, and who may see it."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern, path, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", path, *permissions_of(pattern.callback)


def is_for_people(path: str, permissions: tuple[Any, ...]) -> bool:
    is_elsewhere = path.startswith((*GUARDED_ELSEWHERE, "api/"))
    return not is_elsewhere and bool(permissions) and set(permissions) != {policy.PUBLIC}


def pages() -> set[str]:
    """Names of what a supervisor's browser may read; an id that does not exist is asked for."""
    browser = signed_in(supervisor())
    found = set()
    for name, path, *permissions in named(get_resolver()):
        if is_for_people(path, tuple(permissions)):
            address = PARAMETER.sub(lambda match: ANYTHING[match[1]], path)
            if browser.get(f"/{address}").status_code != 405:
                found.add(name)
    return found - NO_PAGES


def test_every_page_has_its_help() -> None:
    """Write `crm/help/en/<screen>.toml` and `fi/`, or name what is no page above."""
    without = {name for name in pages() if not helping.name_for(name)}

    assert without == set()


def test_every_help_is_about_pages_that_exist() -> None:
    known = {name for name, *_ in named(get_resolver())}
    told = {view.partition(" ")[0] for one in helping.screens("en") for view in one.views}

    assert told - known == set()


def test_a_page_without_help_would_be_found() -> None:
    assert helping.name_for("crm:a-page-that-nobody-explained") == ""
    assert {"crm:desk", "payments:detail", "reporting:now"} <= pages()
    assert "crm:save-note" not in pages()
