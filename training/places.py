"""The pages of training that one may go to from anywhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from crm.palette import Place, register


def register_all() -> None:
    """Offer the training floor in the palette and to the chords. Safe to repeat."""
    register(70, Place("training:lessons", _("Training"), Permission.SEARCH, "g e"))
    register(71, Place("training:team", _("Training of the team"), Permission.VIEW_TRAINING))
