"""Reading the body of a request: one JSON object, and nothing that could be read in two ways."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, NoReturn

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BODY = 262_144  # Bytes: an order of 500 long lines is half of it.


class BodyTooLarge(APIException):
    """The body is longer than any request of ours can be."""

    status_code = 413
    default_detail = _("The body is too large.")
    default_code = "body_too_large"


class ObjectParser(BaseParser):
    """Reads one JSON object in UTF-8 (RFC 8259).

    Refuses NaN and Infinity, members that come twice, nesting without end, and large bodies.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        del media_type, parser_context
        raw = stream.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            data = json.loads(raw.decode(), parse_constant=_refuse, object_pairs_hook=_once_each)
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not JSON that can be read.")) from None
        if not isinstance(data, dict):
            raise ParseError(_("The body is not a JSON object."))
        return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member comes twice")
    return found
