"""Django's sessions in the database, read by a statement that is planned once."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from core import rows

UNEXPIRED = "WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Every page reads a session; compiling and planning that anew was a seventh of a search."""

    def _get_session_from_db(self) -> Session | None:
        """Give the row while it holds; else forget the key, so that nobody can fix it."""
        found = rows.read(Session, UNEXPIRED, [self.session_key, timezone.now()])
        if not found:
            self._session_key = None
        return found[0] if found else None
