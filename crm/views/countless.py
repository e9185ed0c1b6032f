"""Pages that are never counted: one row more than fits says whether there is another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

LAST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class CountlessPage:
    """One page of rows, for `components/pagination.html`."""

    rows: list[Any]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def next_page_number(self) -> int:
        return self.number + 1

    @property
    def previous_page_number(self) -> int:
        return self.number - 1


def page_number(asked: str) -> int:
    """Read the number of a page, from 1 to 1 000; what cannot be read as one is the first."""
    number = int(asked) if asked.isdecimal() and len(asked) <= len(str(LAST_PAGE)) else 1
    return number if 0 < number <= LAST_PAGE else 1


def page_of(queryset: QuerySet[Model], asked: str, size: int = 50) -> CountlessPage:
    """The asked page in one query."""
    number = page_number(asked)
    start = (number - 1) * size
    rows = list(queryset[start : start + size + 1])
    return CountlessPage(rows[:size], number, len(rows) > size)
