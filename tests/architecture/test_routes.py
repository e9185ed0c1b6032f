"""Every address names who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from core import policy

# Guarded by their makers: Django's admin asks for staff, allauth is the sign-in itself.
GUARDED_ELSEWHERE = ("admin/", "accounts/")
KNOWN = {policy.PUBLIC, policy.SIGNED_IN, *policy.Permission}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def permissions_of(view: Any) -> set[str]:
    """What a view names: an attribute of the function, or the `Needs` of an API class."""
    api_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
    naming = [view, api_class, *getattr(api_class, "permission_classes", [])]
    return {str(name) for one in naming if (name := getattr(one, "permission", None))}


def unguarded(resolver: URLResolver) -> list[str]:
    return [
        path
        for path, view in routes(resolver)
        if not path.startswith(GUARDED_ELSEWHERE)
        and not (permissions_of(view) and permissions_of(view) <= {str(name) for name in KNOWN})
    ]


def test_every_route_names_its_permission() -> None:
    assert unguarded(get_resolver()) == []


def test_a_route_without_permission_would_be_found(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.architecture.careless_urls"

    assert unguarded(get_resolver(settings.ROOT_URLCONF)) == ["careless/"]


@pytest.mark.parametrize("path", ["healthz", "readyz"])
def test_health_is_open_to_the_machine_that_asks(path: str) -> None:
    views = dict(routes(get_resolver()))

    assert permissions_of(views[path]) == {policy.PUBLIC}
