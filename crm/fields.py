"""A JSON field that keeps the promise of core's text fields: no card number is ever stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from core import pan

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class MaskedJSONField(models.JSONField):
    """JSON in which every text, at any depth, is masked on the way into the database."""

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return super().get_db_prep_save(masked(value), connection)


def masked(value: Any) -> Any:
    """The same structure with card numbers masked; numbers that look like one, too."""
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    if isinstance(value, str):
        return pan.mask(value)
    if isinstance(value, int) and pan.looks_like_card(str(value)):
        return pan.mask(str(value))
    return value
