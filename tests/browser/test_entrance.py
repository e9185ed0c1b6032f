"""The way in: signing in, the second factor, and the way out, in every look of each language."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser.soundness import faults_of
from tests.browser.variants import DESK, LANGUAGES, LOOKS, Look, Variant

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop

PASSWORD = "a-long-password-of-a-new-agent"
NEW_PERSON = """
from core.models import User
User.objects.create_user("{name}", "{name}@example.fi", "{password}", role="agent")
"""
TOTP_SECONDS = 30


def assert_sound(page: Page, language: str) -> None:
    """Look at the page in all four looks."""
    assert page.locator("html").get_attribute("lang") == language
    faults = []
    for look in LOOKS:
        page.emulate_media(color_scheme=look.theme)
        page.set_viewport_size({"width": look.size[0], "height": look.size[1]})
        faults += [f"{look}: {fault}" for fault in faults_of(page)]
    assert faults == []


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")


def code_of(secret: str) -> str:
    """What the app on the phone shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_SECONDS)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_is_refused_without_saying_more(open_browser: Open, language: str) -> None:
    with open_browser("", Variant(language, Look("light", DESK))) as desk:
        page = desk.new_page()

        sign_in(page, f"nobody-{language}", "wrong")

        page.locator("form .errorlist, form [role=alert]").first.wait_for()
        assert page.url.endswith("/accounts/login/")
        assert_sound(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_moves_money_sets_up_a_second_factor_and_is_asked_for_it(
    shop: Shop, open_browser: Open, language: str
) -> None:
    name = f"uusi-{language}-{uuid.uuid4().hex[:6]}"
    shop.manage("shell", "-v", "0", "-c", NEW_PERSON.format(name=name, password=PASSWORD))
    with open_browser("", Variant(language, Look("light", DESK))) as desk:
        page = desk.new_page()

        sign_in(page, name)
        code = set_up(page, language)
        page.goto("/accounts/logout/")
        assert_sound(page, language)
        page.locator("main form button.primary").click()
        sign_in(page, name)
        page.locator("#id_code").wait_for()
        assert_sound(page, language)
        page.locator("#id_code").fill(code)
        page.locator("#id_code").press("Enter")

        expect(page).to_have_url(f"{shop.house.address}/")
        page.goto("/accounts/reauthenticate/")
        assert_sound(page, language)


def set_up(page: Page, language: str) -> str:
    """Set the factor up, which nothing else comes before, and return a recovery code."""
    page.locator("a[href$='totp/activate/']").wait_for()
    page.goto("/")
    page.locator("a[href$='totp/activate/']").wait_for()
    assert_sound(page, language)
    page.goto("/accounts/2fa/webauthn/add/")
    # Who changes the way in says the password again: an open session is not enough.
    assert "/accounts/reauthenticate/" in page.url
    assert_sound(page, language)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/webauthn/add/")
    assert_sound(page, language)
    page.goto("/accounts/2fa/totp/activate/")
    assert_sound(page, language)
    page.locator("#id_code").fill(code_of(page.locator("#authenticator_secret").input_value()))
    page.locator("#id_code").press("Enter")
    codes = page.locator(".codes li")
    codes.first.wait_for()
    assert_sound(page, language)
    return codes.first.inner_text()
