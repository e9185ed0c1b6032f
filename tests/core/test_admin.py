"""People, keys and limits in the admin: what may be changed, by whom, and that it is noted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator

from core import audit
from core.api import find_key
from core.models import ApiKey, AuditEvent, Role, RoleLimit, User
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.core import ApiKeyFactory, UserFactory

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

KEYS = "/admin/core/apikey/"
PEOPLE = "/admin/core/user/"
TOKEN = re.compile(r"kui_[0-9a-f]{8}_[0-9a-f]{64}")


def administrator() -> Client:
    return signed_in(people.admin())


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Web shop",
        "owner": people.finance().pk,
        "role": Role.FINANCE,
        "permissions": ["view_payment", "refund"],
        "expires_at_0": "",
        "expires_at_1": "",
        **changes,
    }


def person(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "role": user.role,
        "is_active": "on",
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "language": "",
        **changes,
    }


def deeds() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_token_is_shown_once_and_opens_the_door() -> None:
    browser = administrator()

    answer = browser.post(f"{KEYS}add/", wanted())

    (token,) = set(TOKEN.findall(answer.content.decode()))
    key = ApiKey.objects.get()
    assert find_key(token) == key
    assert (key.permissions, key.role) == (["view_payment", "refund"], Role.FINANCE)
    later = browser.get(f"{KEYS}{key.pk}/change/").content.decode()
    assert not TOKEN.findall(later)
    assert key.secret_hash not in later
    assert deeds() == ["apikey.issued"]


def test_sending_the_form_again_makes_no_second_key() -> None:
    browser, form = administrator(), wanted()
    browser.post(f"{KEYS}add/", form)

    again = browser.post(f"{KEYS}add/", form)

    assert "There is a key of this name" in again.content.decode()
    assert ApiKey.objects.count() == 1


def test_a_key_may_do_no_more_than_its_role() -> None:
    form = wanted(role=Role.AUDITOR, permissions=["view_payment", "refund"])

    answer = administrator().post(f"{KEYS}add/", form)

    assert "This role may not: refund." in answer.content.decode()
    assert not ApiKey.objects.exists()
    assert deeds() == []


def test_a_revoked_key_opens_nothing() -> None:
    kept, revoked = ApiKeyFactory.create(), ApiKeyFactory.create(name="old")

    administrator().post(KEYS, {"action": "revoke", "_selected_action": [revoked.pk]})

    kept.refresh_from_db()
    revoked.refresh_from_db()
    assert (kept.is_active, revoked.is_active) == (True, False)
    assert deeds() == ["apikey.revoked"]


def test_a_person_is_added_with_a_role() -> None:
    form = {
        "username": "uusi",
        "usable_password": "true",
        "password1": "a long enough passphrase",
        "password2": "a long enough passphrase",
        "role": Role.SUPERVISOR,
        "first_name": "Uusi",
        "last_name": "Ihminen",
        "email": "uusi@example.com",
        "language": "fi",
    }

    answer = administrator().post(f"{PEOPLE}add/", form)

    assert answer.status_code == 302
    user = User.objects.get(username="uusi")
    assert user.role == Role.SUPERVISOR
    assert not user.is_staff
    assert not user.is_superuser
    assert deeds() == ["user.added"]


def test_nobody_gives_themselves_another_role_or_closes_their_own_account() -> None:
    boss = people.admin()

    form = person(boss, role=Role.FINANCE, first_name="Antti")
    form.pop("is_active")
    signed_in(boss).post(f"{PEOPLE}{boss.pk}/change/", form)

    boss.refresh_from_db()
    assert (boss.role, boss.is_active, boss.first_name) == (Role.ADMIN, True, "Antti")


def test_flags_of_django_cannot_be_given() -> None:
    user = people.agent()

    form = person(user, is_superuser="on", is_staff="on", role=Role.FINANCE)
    administrator().post(f"{PEOPLE}{user.pk}/change/", form)

    user.refresh_from_db()
    assert (user.role, user.is_superuser, user.is_staff) == (Role.FINANCE, False, False)
    assert deeds() == ["user.changed"]


def test_setting_a_password_is_noted_and_stands_in_no_digest() -> None:
    user = people.agent()
    browser = administrator()
    address = f"{PEOPLE}{user.pk}/password/"

    refused = browser.post(address, {"password1": "short", "password2": "other"})
    assert (refused.status_code, deeds()) == (200, [])

    passphrase = "a long enough passphrase"
    browser.post(
        address,
        {"usable_password": "true", "password1": passphrase, "password2": passphrase},
    )

    user.refresh_from_db()
    assert user.check_password(passphrase)
    assert deeds() == ["user.password_set"]
    assert AuditEvent.objects.get().after_digest == audit.digest(None)


def test_a_lost_second_factor_can_be_removed() -> None:
    user = people.agent()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})

    administrator().post(PEOPLE, {"action": "remove_second_factor", "_selected_action": [user.pk]})

    assert not Authenticator.objects.filter(user=user).exists()
    assert deeds() == ["user.factor_removed"]


def test_limits_are_changed_for_a_role_and_not_moved_to_another() -> None:
    limit = RoleLimit.objects.get(role=Role.AGENT, currency="EUR")

    administrator().post(
        f"/admin/core/rolelimit/{limit.pk}/change/",
        {"role": Role.FINANCE, "currency": "USD", "per_refund": "5000", "per_day": "20000"}
        | {"per_move": "5000", "moves_per_day": "20000"},
    )

    limit.refresh_from_db()
    assert (limit.role, limit.currency) == (Role.AGENT, "EUR")
    assert (limit.per_refund, limit.per_day) == (5_000, 20_000)


@pytest.mark.parametrize("name", ["auditevent", "seal", "jobrun", "idempotencyrecord"])
def test_records_are_shown(name: str) -> None:
    user = people.admin()
    audit.record(user, "order.placed", user)
    browser = signed_in(user)

    assert browser.get(f"/admin/core/{name}/").status_code == 200


def test_the_audit_is_searched_by_person_and_by_object() -> None:
    boss, other = people.admin(), UserFactory.create()
    audit.record(boss, "user.looked_at", other)
    audit.record(other, "user.looked_at", boss)
    browser = signed_in(boss)

    by_actor = browser.get("/admin/core/auditevent/", {"q": other.public_id})

    assert [event.actor_id for event in by_actor.context["cl"].result_list] == [other.public_id]
