"""Every code that a problem can carry, with its status and its sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.utils import translation
from rest_framework import exceptions

from core import problems
from core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACEHOLDER = re.compile(r'%\((\w+)\)s|"?\{(\w+)\}"?')


class Entry(NamedTuple):
    """One code. `sentence` has its changing parts in square brackets."""

    code: str
    status: int
    sentence: str


def entries() -> list[Entry]:
    """Give one entry for each code, by status and code, in the language of the reader.

    Where several refusals share a code, the first that was declared speaks for it.
    """
    found: dict[str, Entry] = {}
    refusals: list[type[DomainError]] = [DomainError, *_refusals(DomainError)]
    for error in refusals:
        if _is_ours(error):
            found.setdefault(error.code, _of_refusal(error))
    for kind, code in problems.CODES.items():
        found.setdefault(code, Entry(code, _status(kind), _sentence(kind.default_detail)))
    return sorted(found.values(), key=lambda entry: (entry.status, entry.code))


def find(code: str) -> Entry | None:
    """Give the entry of a code, or None where no problem carries it."""
    return next((entry for entry in entries() if entry.code == code), None)


def table() -> str:
    """Write all codes as a table in Markdown, in English."""
    with translation.override("en"):
        rows = [f"| `{one.code}` | {one.status} | {one.sentence} |" for one in entries()]
    return "\n".join(["| code | status | sentence |", "|---|---|---|", *rows])


def _refusals(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _refusals(below)


def _is_ours(error: type[DomainError]) -> bool:
    """Leave out what only tests declare."""
    ours = {config.name for config in apps.get_app_configs()}
    return error.__module__.partition(".")[0] in ours


def _of_refusal(error: type[DomainError]) -> Entry:
    return Entry(error.code, error.status, _sentence(error.message))


def _sentence(message: object) -> str:
    return PLACEHOLDER.sub(lambda found: f"[{found[1] or found[2]}]", str(message))


def _status(kind: type[exceptions.APIException]) -> int:
    return 422 if issubclass(kind, exceptions.ValidationError) else kind.status_code
