"""What every record of money has that may come about during a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from crm.models.calls import Call


def made_during(related_name: str) -> models.ForeignKey[Call | None, Call | None]:
    """The call during which it was made, if one was on the line. Set once, never changed."""
    return models.ForeignKey(
        "crm.Call",
        verbose_name=_("call"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
        db_index=False,
    )


def of_a_call(table: str) -> models.Index:
    """Find what was made during one call; what was made without one takes no room."""
    return models.Index(fields=["call"], name=f"{table}_of_call", condition=Q(call__isnull=False))
