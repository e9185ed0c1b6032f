"""The request of somebody who is signed in, for the type checker."""

from __future__ import annotations

from django.http import HttpRequest

from core.models import User


class AgentRequest(HttpRequest):
    """What a view behind `needs` is given."""

    user: User
    htmx: bool
