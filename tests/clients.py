"""Browsers of people who are signed in as the rules ask, the second factor included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from core.sessions import SEEN_AT, SIGNED_IN_AT

if TYPE_CHECKING:
    from core.models import User


def signed_in(user: User) -> Client:
    """A browser in which the user has signed in just now, with both factors."""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())
    record_authentication(request, user, "mfa", type="totp")
    request.session.save()
    return client
