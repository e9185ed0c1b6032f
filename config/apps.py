"""The wiring itself, as an application: it owns the demo command and the Celery app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "config"
    verbose_name = "Kuitti"

    def ready(self) -> None:
        """Load the Celery app, so that every process rings the same broker."""
        from config import celery  # noqa: F401, PLC0415 - it needs the settings, not the registry
