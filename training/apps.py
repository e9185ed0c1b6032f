"""The training floor: lessons on the very same screens, with customers and faults made up."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        """Let the strip of a lesson hear its news, and name the pages."""
        from core import live
        from training import (
            errors,  # noqa: F401 - its codes are listed with all others
            live_topics,
            places,
        )

        live.register_topic(live_topics.LESSON, live_topics.lesson_versions)
        places.register_all()
