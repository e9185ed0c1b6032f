"""How much of a body is read at the doors for machines."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpRequest

from core.doors import read_body

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture(autouse=True)
def ten_bytes(settings: Settings) -> None:
    settings.WEBHOOK_MAX_BYTES = 10


def request_of(body: bytes, declared: str) -> Any:
    request: Any = HttpRequest()
    request.META["CONTENT_LENGTH"] = declared
    request._stream = BytesIO(body)
    return request


@pytest.mark.parametrize("declared", ["", "0", "10"])
def test_what_is_just_small_enough_is_read(declared: str) -> None:
    assert read_body(request_of(b"x" * 10, declared)) == b"x" * 10


def test_what_says_that_it_is_too_large_is_not_read_at_all() -> None:
    request = request_of(b"x" * 11, "11")

    assert read_body(request) is None
    assert request._stream.tell() == 0


@pytest.mark.parametrize("declared", ["", "3"])
def test_what_is_larger_than_it_says_is_not_read_to_its_end(declared: str) -> None:
    request = request_of(b"x" * 1_000, declared)

    assert read_body(request) is None
    assert request._stream.tell() == 11
