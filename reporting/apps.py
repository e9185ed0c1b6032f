"""What happened: figures of the day, and what is still owed."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Let the takings and the board hear that something has changed, and name the reports."""
        from core import live
        from reporting import live_topics, places

        live.register_topic(live_topics.TAKINGS, live_topics.takings_version)
        live.register_topic(live_topics.NOW, live_topics.now_version)
        places.register_all()
