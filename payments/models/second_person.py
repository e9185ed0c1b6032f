"""The database's own rules of what a second person decides."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


def never_the_same(table: str) -> models.CheckConstraint:
    """Refuse a decision by who asked for it."""
    return models.CheckConstraint(
        condition=~Q(decided_by=F("requested_by")), name=f"{table}_second_person"
    )


def above_limit_decided(table: str) -> models.CheckConstraint:
    """Refuse that anything above a limit goes on without somebody who decided it."""
    return models.CheckConstraint(
        condition=Q(above_limit="")
        | Q(status__in=["awaiting_approval", "canceled"])
        | Q(decided_by__isnull=False),
        name=f"{table}_above_limit_decided",
    )
