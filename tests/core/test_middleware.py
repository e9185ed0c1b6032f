"""What surrounds every request: its id, the session's times, the second factor, the language."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import time_machine
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import translation

from config.urls import urlpatterns as real_urls
from core import context, policy, sessions
from core.models import Role
from tests.factories.core import UserFactory, agent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

    from core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@policy.needs(policy.SEARCH)
def desk(request: HttpRequest) -> HttpResponse:
    """A page that says what the request knows of itself."""
    current = context.current()
    actor = getattr(current.actor, "public_id", "")
    return HttpResponse(f"{current.request_id} {actor} {translation.get_language()}")


@policy.public
def pay(request: HttpRequest) -> HttpResponse:
    return HttpResponse("pay")


urlpatterns = [path("desk", desk), path("pay-page", pay), *real_urls]


@pytest.fixture(autouse=True)
def _language() -> object:
    with translation.override("en"):
        yield


def prove_factor(client: Client, user: User) -> None:
    """Do to the session what allauth does after a right code."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time()}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


def signed_in(user: User, *, server: str = "testserver", is_proved: bool = True) -> Client:
    client = Client(SERVER_NAME=server)
    client.force_login(user, "core.backends.PeopleBackend")
    if is_proved:
        prove_factor(client, user)
    return client


def test_every_answer_names_its_request() -> None:
    first, second = Client().get("/pay-page"), Client().get("/pay-page")

    assert first["X-Request-ID"].startswith("req_")
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_a_proxy_s_request_id_is_kept_and_nonsense_is_not() -> None:
    kept = Client().get("/pay-page", headers={"X-Request-ID": "abc-12345"})
    replaced = Client().get("/pay-page", headers={"X-Request-ID": "a b\n<script>"})

    assert kept["X-Request-ID"] == "abc-12345"
    assert replaced["X-Request-ID"].startswith("req_")


def test_a_page_knows_its_request_and_who_asks() -> None:
    user = agent()

    response = signed_in(user).get("/desk", headers={"X-Request-ID": "abc-12345"})

    assert response.content.decode() == f"abc-12345 {user.public_id} en"
    assert context.current().request_id == ""


def test_a_person_s_own_language_wins() -> None:
    user = UserFactory.create(language="sv")

    response = signed_in(user).get("/desk", headers={"Accept-Language": "fi"})

    assert response.content.decode().endswith(" sv")


def test_whoever_may_no_longer_sign_in_is_signed_out_everywhere() -> None:
    user = agent()
    client = signed_in(user)
    assert client.get("/desk").status_code == 200

    user.is_active = False
    user.save()

    assert client.get("/desk").status_code == 302


def test_after_15_minutes_without_a_touch_the_session_ends() -> None:
    with time_machine.travel("2026-03-02 08:00Z", tick=False) as clock:
        client = signed_in(agent())
        assert client.get("/desk").status_code == 200
        clock.shift(15 * 60 - 1)
        assert client.get("/desk").status_code == 200
        clock.shift(15 * 60 + 1)

        response = client.get("/desk")

        assert response.status_code == 302
        assert response["Location"] == "/accounts/login/?next=/desk"
        assert "_auth_user_id" not in client.session


def test_after_12_hours_the_session_ends_however_busy_it_was() -> None:
    with time_machine.travel("2026-03-02 08:00Z", tick=False) as clock:
        client = signed_in(agent())
        for _ in range(12 * 6):
            assert client.get("/desk").status_code == 200
            clock.shift(10 * 60)
        clock.shift(1)

        assert client.get("/desk").status_code == 302


def test_a_page_that_refreshes_itself_is_no_touch() -> None:
    with time_machine.travel("2026-03-02 08:00Z", tick=False) as clock:
        client = signed_in(agent())
        client.get("/desk")
        for _ in range(5):
            clock.shift(170)
            assert (
                client.get("/live/versions", headers={"Sec-Fetch-Mode": "cors"}).status_code == 200
            )
        clock.shift(60)

        assert client.get("/live/versions", headers={"Sec-Fetch-Mode": "cors"}).status_code == 401


def test_touches_are_written_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with time_machine.travel("2026-03-02 08:00Z", tick=False) as clock:
        client = signed_in(agent())
        client.get("/desk")
        clock.shift(30)

        with django_assert_num_queries(2):  # The session and the user; nothing is written.
            client.get("/desk")

        clock.shift(31)
        client.get("/desk")
        assert client.session[sessions.SEEN_AT] == int(time.time())


def test_whoever_moves_money_must_set_up_a_second_factor() -> None:
    client = signed_in(agent(), is_proved=False)

    response = client.get("/desk")

    assert response.status_code == 302
    assert response["Location"] == "/accounts/2fa/?next=/desk"


@pytest.mark.parametrize("role", Role)
def test_no_role_is_forgotten(role: Role) -> None:
    client = signed_in(UserFactory.create(role=role), is_proved=False)

    assert client.get("/desk")["Location"].startswith("/accounts/2fa/")


def test_a_session_that_never_proved_the_factor_must_prove_it() -> None:
    user = agent()
    client = signed_in(user, is_proved=False)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    response = client.get("/desk")

    assert response["Location"] == "/accounts/2fa/reauthenticate/?next=/desk"


def test_a_proof_of_somebody_else_does_not_count() -> None:
    client = signed_in(agent(), is_proved=False)
    prove_factor(client, agent())

    assert client.get("/desk").status_code == 302


def test_the_way_to_the_factor_and_out_stays_open() -> None:
    client = signed_in(agent(), is_proved=False)

    for page in ("/accounts/2fa/", "/accounts/logout/", "/pay-page"):
        response = client.get(page)
        assert not response.get("Location", "").startswith("/accounts/2fa/?")


def test_a_fragment_without_the_factor_moves_the_whole_page() -> None:
    client = signed_in(agent(), is_proved=False)

    response = client.get("/desk", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/2fa/"


@pytest.mark.parametrize(
    ("is_demo", "is_demo_login", "server", "is_open"),
    [
        (True, True, "127.0.0.1", True),
        (False, True, "127.0.0.1", False),
        (True, False, "127.0.0.1", False),
        (True, True, "kuitti.example", False),
        (True, True, "0.0.0.0", False),
    ],
)
def test_only_a_demo_login_of_a_demo_on_this_machine_is_exempt(
    settings: Settings, *, is_demo: bool, is_demo_login: bool, server: str, is_open: bool
) -> None:
    settings.KUITTI_DEMO = is_demo
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory.create(is_demo=is_demo_login)

    response = signed_in(user, server=server, is_proved=False).get("/desk")

    assert (response.status_code == 200) is is_open


def test_the_last_factor_of_whoever_needs_one_cannot_be_removed() -> None:
    user = agent()
    factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert not get_adapter().can_delete_authenticator(factor)

    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    assert get_adapter().can_delete_authenticator(factor)


def test_secrets_of_factors_lie_encrypted() -> None:
    adapter = get_adapter()

    hidden = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in hidden
    assert adapter.decrypt(hidden) == "JBSWY3DPEHPK3PXP"
