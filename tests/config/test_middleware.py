from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/nothing", "/webhooks/nobody/"])
@pytest.mark.django_db
def test_machines_get_no_session_and_no_language(path: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "fi"})

    response = client.get(path)

    assert response.cookies == {}
    assert "Vary" not in response.headers or "Cookie" not in response["Vary"]
    assert "Content-Language" not in response.headers


@pytest.mark.django_db
def test_machines_are_not_asked_for_a_form_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/webhooks/acc_nobody/", b"{}", "text/plain")

    assert response.status_code == 404


@pytest.mark.django_db
def test_people_are_asked_for_a_form_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "agent"})

    assert response.status_code == 403


@pytest.mark.django_db
def test_a_machine_does_not_inherit_the_language_of_the_last_visitor() -> None:
    client = Client()

    client.get("/accounts/login/", headers={"Accept-Language": "fi"})
    client.get("/healthz")

    assert translation.get_language() == "en"


@pytest.mark.django_db
def test_pages_carry_the_strict_policy() -> None:
    policy = Client().get("/accounts/login/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
