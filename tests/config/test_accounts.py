"""Passwords cannot be guessed by trying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories.core import UserFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import User

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "a long enough sentence"
FAILURES_A_NAME = 5
FAILURES_AN_ADDRESS = 10


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def person(username: str = "aino") -> User:
    user = UserFactory.create(username=username)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(username: str, password: str, *, address: str = "192.0.2.1") -> bool:
    """Try as a browser does; whether somebody is signed in then."""
    client = Client(REMOTE_ADDR=address)
    client.post(LOGIN, {"login": username, "password": password})
    return "_auth_user_id" in client.session


def test_the_right_password_signs_in() -> None:
    person()

    assert sign_in("aino", PASSWORD)
    assert not sign_in("aino", "a wrong one")


def test_after_five_wrong_ones_even_the_right_one_has_to_wait_wherever_it_comes_from() -> None:
    person()
    for place in range(FAILURES_A_NAME):
        assert not sign_in("aino", "a wrong one", address=f"192.0.2.{place}")

    assert not sign_in("aino", PASSWORD, address="198.51.100.7")

    person("eeva")
    assert sign_in("eeva", PASSWORD, address="198.51.100.7")


def test_an_address_that_tries_one_name_after_another_has_to_wait() -> None:
    person()
    for place in range(FAILURES_AN_ADDRESS):
        sign_in(f"somebody-{place}", "a wrong one")

    assert not sign_in("aino", PASSWORD)
    assert sign_in("aino", PASSWORD, address="198.51.100.7")
