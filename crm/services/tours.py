"""Remembering who has seen which tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm import tours

if TYPE_CHECKING:
    from core.models import User


def mark_taken(user: User) -> None:
    """Note that somebody was shown the tour of their role; it begins by itself no more.

    Safe to repeat.
    """
    if tours.is_due(user):
        user.tour_taken = tours.name_for(user)
        user.save(update_fields=["tour_taken"])
