"""The wiring itself, as an application: it owns the demo command and the Celery app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "config"
    verbose_name = "Kuitti"

    def ready(self) -> None:
        """Load the Celery app, so that every process rings the same broker, and the checks."""
        from config import celery, checks, drains  # noqa: F401 - they need the settings
