"""Sessions as they are read: only while they hold, and never under a key that somebody chose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.session_store import SessionStore

pytestmark = pytest.mark.django_db


def kept() -> str:
    session = SessionStore()
    session["seat"] = "A 12"
    session.create()
    return str(session.session_key)


def test_a_session_is_read_as_it_was_kept() -> None:
    key = kept()

    session = SessionStore(key)

    assert session["seat"] == "A 12"
    assert session.session_key == key


def test_a_session_past_its_time_is_empty_and_loses_its_key() -> None:
    key = kept()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    session = SessionStore(key)

    assert session.get("seat") is None
    assert session.session_key is None


def test_a_key_that_somebody_chose_is_not_taken_over() -> None:
    session = SessionStore("chosenbysomebodyelse0123456789ab")
    session["seat"] = "B 1"
    session.save()

    assert session.session_key != "chosenbysomebodyelse0123456789ab"
    assert not Session.objects.filter(pk="chosenbysomebodyelse0123456789ab").exists()
