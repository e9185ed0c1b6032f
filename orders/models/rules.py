"""The database's own rules that several tables share."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import or_

from django.db import models
from django.db.models import Q

HIGHEST_RATE = 10_000


def currency_code(table: str) -> models.CheckConstraint:
    """Refuse a currency that is not three capital letters."""
    return models.CheckConstraint(
        condition=Q(currency__regex=r"^[A-Z]{3}$"), name=f"{table}_currency_is_a_code"
    )


def never_negative(table: str, *fields: str) -> models.CheckConstraint:
    """Refuse a negative amount in any of the fields."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__gte": 0})
    return models.CheckConstraint(condition=condition, name=f"{table}_amounts_not_negative")


def ends_once(table: str, *instants: str) -> models.CheckConstraint:
    """Refuse that something ends in more than one of its ways: one instant is set at most."""
    left_empty = combinations(instants, len(instants) - 1)
    conditions = [Q(**dict.fromkeys(fields)) for fields in left_empty]
    return models.CheckConstraint(condition=reduce(or_, conditions), name=f"{table}_ends_once")


def possible_rate(table: str) -> models.CheckConstraint:
    """Refuse a tax rate below zero or above a hundred per cent."""
    return models.CheckConstraint(
        condition=Q(vat_bp__gte=0, vat_bp__lte=HIGHEST_RATE), name=f"{table}_rate_is_possible"
    )
