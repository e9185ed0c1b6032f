"""The web process: live streams are asynchronous, every other page is served in a thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
stream = get_asgi_application()

from django.conf import settings  # noqa: E402 - the applications are loaded first

from config.checks import refuse_to_serve_without_keys  # noqa: E402
from config.serving import PageHandler  # noqa: E402

if TYPE_CHECKING:
    from config.serving import Receive, Scope, Send

LIVE_PREFIX = "/live/"

refuse_to_serve_without_keys()
page = PageHandler(settings.WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request. Refuses anything but HTTP."""
    if scope["type"] != "http":
        raise ValueError(f"{scope['type']} is not served here.")
    handler = stream if scope["path"].startswith(LIVE_PREFIX) else page
    await handler(scope, receive, send)
