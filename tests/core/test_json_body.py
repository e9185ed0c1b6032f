from __future__ import annotations

import json
from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from core.json_body import LARGEST_BODY, BodyTooLarge, ObjectParser


def parsed(body: bytes) -> object:
    return ObjectParser().parse(BytesIO(body))


def test_an_object_is_read() -> None:
    body = {"a": [1, 2.5, None, True, {"ä": "€"}]}

    assert parsed(json.dumps(body, ensure_ascii=False).encode()) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"b": {"a": 1, "a": 1}}',
        b"\xef\xbb\xbf{}",
        '{"a": "ä"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        b'{"a": 1' + b"0" * 5_000 + b"}",
        b'{"a":' * 40_000,
    ],
)
def test_what_could_be_read_in_two_ways_or_not_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parsed(body)


def test_a_body_has_a_largest_size() -> None:
    assert parsed(b"{}" + b" " * (LARGEST_BODY - 2)) == {}
    with pytest.raises(BodyTooLarge):
        parsed(b"{}" + b" " * (LARGEST_BODY - 1))
