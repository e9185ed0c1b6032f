"""How long somebody stays signed in: 15 minutes without a touch, 12 hours in all."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.utils.crypto import constant_time_compare

from core.models import User

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
NOTED_EVERY_S = 60


def keep_or_end(request: HttpRequest, *, is_touch: bool) -> bool:
    """End the session when its time is over, else note the touch. False: it has ended.

    A page that keeps itself up to date is no touch. Touches are written once a minute.
    """
    now, session = int(time.time()), request.session
    if SIGNED_IN_AT not in session or SEEN_AT not in session:
        session[SIGNED_IN_AT] = session[SEEN_AT] = now
    if _is_over(session, now):
        logout(request)
        return False
    if is_touch and now - session[SEEN_AT] >= NOTED_EVERY_S:
        session[SEEN_AT] = now
    return True


def find_user(session_key: str) -> User | None:
    """Give whoever is signed in by that session, read anew; None once it ended in any way."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user_id = session.get(SESSION_KEY)
    if user_id is None or SEEN_AT not in session or _is_over(session, int(time.time())):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    known_hash = session.get(HASH_SESSION_KEY, "")
    is_same = user and constant_time_compare(known_hash, user.get_session_auth_hash())
    return user if is_same else None


def _is_over(session: SessionBase, now: int) -> bool:
    age, idle = now - session[SIGNED_IN_AT], now - session[SEEN_AT]
    return bool(age > settings.SESSION_ABSOLUTE_SECONDS or idle > settings.SESSION_IDLE_SECONDS)
