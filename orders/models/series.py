"""The counters behind numbers that may have no gaps."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberSeries(models.Model):
    """A series without gaps. The row's lock is held until the number's document is committed."""

    name = models.SlugField(_("name"), max_length=40, unique=True)
    next_number = models.PositiveBigIntegerField(_("next number"))

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_number__gt=0), name="number_series_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name
