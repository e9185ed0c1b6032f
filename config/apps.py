"""The wiring itself, as an application: it owns the demo command and the Celery app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "config"
    verbose_name = "Kuitti"

    def ready(self) -> None:
        """Load what every process must know: broker, checks, loops, and the last refusals."""
        from config import celery, checks, drains, refusals  # noqa: F401 - they need the settings
