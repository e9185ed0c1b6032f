"""The reports that one may go to from anywhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from crm.palette import Place, register


def register_all() -> None:
    """Offer the reports in the palette and to the chords. Safe to repeat."""
    register(50, Place("reporting:takings", _("Takings"), Permission.VIEW_REPORTS, "g r"))
    register(49, Place("reporting:now", _("Now"), Permission.VIEW_REPORTS, "g b"))
    register(53, Place("reporting:feedback", _("How calls went"), Permission.VIEW_REPORTS, "g f"))
    register(52, Place("reporting:keying", _("Keyed cards"), Permission.VIEW_AUDIT))
    register(51, Place("reporting:owed", _("What is owed"), Permission.VIEW_REPORTS, "g o"))
