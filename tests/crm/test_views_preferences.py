from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.clients import signed_in
from tests.factories.core import UserFactory, agent

pytestmark = pytest.mark.django_db


def test_settings_are_kept_and_shape_every_page() -> None:
    user = agent()
    client = signed_in(user)

    client.post(reverse("crm:settings"), {"language": "en", "theme": "dark"})

    user.refresh_from_db()
    text = client.get(reverse("crm:desk")).content.decode()
    assert (user.language, user.theme, user.shortcuts_enabled) == ("en", "dark", False)
    assert 'data-theme="dark"' in text
    assert 'data-shortcuts="off"' in text


def test_settings_that_do_not_exist_are_refused() -> None:
    user = agent()

    answer = signed_in(user).post(reverse("crm:settings"), {"language": "en", "theme": "pink"})

    user.refresh_from_db()
    assert answer.status_code == 422
    assert user.theme == "system"


def test_the_language_follows_the_account() -> None:
    user = agent()
    client = signed_in(user)

    answer = client.post(reverse("crm:set-language"), {"language": "fi", "next": "/settings/"})

    user.refresh_from_db()
    assert user.language == "fi"
    assert answer.headers["Location"] == "/settings/"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "fi"


def test_a_stranger_may_choose_a_language_that_we_have() -> None:
    client = Client()

    ours = client.post(reverse("crm:set-language"), {"language": "sv"})
    other = client.post(reverse("crm:set-language"), {"language": "xx"})

    assert ours.cookies[settings.LANGUAGE_COOKIE_NAME].value == "sv"
    assert settings.LANGUAGE_COOKIE_NAME not in other.cookies


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_led_to_another_site(address: str) -> None:
    answer = signed_in(agent()).post(reverse("crm:set-theme"), {"theme": "light", "next": address})

    assert answer.headers["Location"] == "/"


def test_an_unknown_theme_changes_nothing() -> None:
    user = UserFactory.create(theme="dark")

    signed_in(user).post(reverse("crm:set-theme"), {"theme": "pink"})

    user.refresh_from_db()
    assert user.theme == "dark"
