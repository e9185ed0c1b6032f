"""Telephone systems in the admin: secrets go in and never come out."""

from __future__ import annotations

import pytest

from core.models import AuditEvent
from crm.models import Extension, PhoneSystem
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.calls import SECRET, PhoneSystemFactory, ring, tell

pytestmark = pytest.mark.django_db

SYSTEMS = "/admin/crm/phonesystem/"
SYSTEM = {"name": "the exchange", "kind": "asterisk", "is_enabled": "on", "secret": SECRET}


def test_a_secret_goes_in_and_never_comes_out() -> None:
    browser = signed_in(people.admin())

    assert browser.post(f"{SYSTEMS}add/", SYSTEM).status_code == 302

    system = PhoneSystem.objects.get()
    assert system.credentials == {"secret": SECRET}
    page = browser.get(f"{SYSTEMS}{system.pk}/change/").text
    assert SECRET not in page
    assert f"/webhooks/calls/{system.public_id}/" in page
    assert AuditEvent.objects.filter(object_id=system.public_id).exists()


def test_an_empty_secret_keeps_the_stored_one() -> None:
    system = PhoneSystemFactory.create()
    changed = {**SYSTEM, "secret": "", "control_url": "https://exchange.example/control"}

    signed_in(people.admin()).post(f"{SYSTEMS}{system.pk}/change/", changed)

    system.refresh_from_db()
    assert system.credentials == {
        "secret": SECRET,
        "control_url": "https://exchange.example/control",
    }


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_system_without_a_good_secret_is_refused(secret: str) -> None:
    signed_in(people.admin()).post(f"{SYSTEMS}add/", {**SYSTEM, "secret": secret})

    assert not PhoneSystem.objects.exists()


def test_an_extension_passes_to_another_person() -> None:
    browser, user, system = signed_in(people.admin()), people.agent(), PhoneSystemFactory.create()
    given = {"phone_system": system.pk, "number": "101", "user": user.pk}

    browser.post("/admin/crm/extension/add/", given)
    extension = Extension.objects.get()
    assert (extension.user, extension.number) == (user, "101")
    other = people.agent()
    browser.post(f"/admin/crm/extension/{extension.pk}/change/", {**given, "user": other.pk})

    extension.refresh_from_db()
    assert extension.user == other


def test_calls_are_only_looked_at() -> None:
    call = tell(ring(people.agent()), "answered")
    browser = signed_in(people.admin())

    assert call.public_id in browser.get("/admin/crm/call/").text
    assert "Answered" in browser.get(f"/admin/crm/call/{call.pk}/change/").text
    assert browser.get("/admin/crm/call/add/").status_code == 403


def test_an_agent_sets_up_no_telephones() -> None:
    signed_in(people.agent()).post(f"{SYSTEMS}add/", SYSTEM)

    assert not PhoneSystem.objects.exists()
