"""Contracts and the error map: what goes in, what never comes out, and who changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.models import AuditEvent
from payments.models import ErrorMapping, ProviderAccount, UnifiedError
from tests.clients import signed_in
from tests.factories import core as people

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User

pytestmark = pytest.mark.django_db

CONTRACT = {
    "name": "Stripe Finland",
    "kind": "stripe",
    "methods": "card,klarna",
    "currencies": "EUR",
    "priority": "10",
    "is_enabled": "on",
    "api_key": "sk_live_secret",
    "webhook_secret": "whsec_secret",
    "address": "",
}
ADD = "/admin/payments/provideraccount/add/"


def administrator() -> Client:
    return signed_in(people.admin())


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_credentials_go_in_and_never_come_out() -> None:
    browser = administrator()

    assert browser.post(ADD, CONTRACT).status_code == 302

    account = ProviderAccount.objects.get()
    assert account.credentials == {"api_key": "sk_live_secret", "webhook_secret": "whsec_secret"}
    page = page_of(browser, f"/admin/payments/provideraccount/{account.pk}/change/")
    assert "sk_live_secret" not in page
    assert "whsec_secret" not in page
    assert "api_key, webhook_secret" in page
    assert f"/webhooks/{account.public_id}/" in page


def test_an_empty_secret_keeps_the_stored_one() -> None:
    browser = administrator()
    browser.post(ADD, CONTRACT)
    account = ProviderAccount.objects.get()

    changed = CONTRACT | {"name": "Renamed", "api_key": "", "webhook_secret": "whsec_new"}
    browser.post(f"/admin/payments/provideraccount/{account.pk}/change/", changed)

    account.refresh_from_db()
    assert account.name == "Renamed"
    assert account.credentials == {"api_key": "sk_live_secret", "webhook_secret": "whsec_new"}
    actions = AuditEvent.objects.filter(object_id=account.public_id).order_by("pk")
    assert [event.action for event in actions] == [
        "provideraccount.added",
        "provideraccount.changed",
    ]
    assert actions[1].before_digest != actions[1].after_digest


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("api_key", "", "This provider needs it."),
        ("methods", "card,cowries", "cowries"),
        ("currencies", "EUR,XXX", "XXX"),
        ("kind", "nobody", "Select a valid choice"),
        ("name", "4242 4242 4242 4242", "card number"),
    ],
)
def test_a_contract_that_cannot_work_is_refused(field: str, value: str, words: str) -> None:
    answer = administrator().post(ADD, CONTRACT | {field: value})

    assert answer.status_code == 200
    page = answer.content.decode()
    assert words in page
    assert "sk_live_secret" not in page
    assert not ProviderAccount.objects.exists()
    assert not AuditEvent.objects.exists()


def test_words_of_an_error_can_be_changed_and_its_code_cannot() -> None:
    meaning = UnifiedError.objects.get(code="declined")
    fields = {
        name: getattr(meaning, name)
        for name in ("agent_en", "agent_fi", "agent_sv", "customer_en", "customer_fi")
    }
    address = f"/admin/payments/unifiederror/{meaning.pk}/change/"

    answer = administrator().post(
        address, {**fields, "code": "other", "customer_sv": "Nej.", "offers_other_method": "on"}
    )

    assert answer.status_code == 302
    meaning.refresh_from_db()
    assert (meaning.code, meaning.customer_sv) == ("declined", "Nej.")
    assert AuditEvent.objects.get().action == "unifiederror.changed"


def test_a_line_of_the_error_map_points_to_a_meaning() -> None:
    meaning = UnifiedError.objects.get(code="insufficient_funds")
    browser = administrator()

    offered = browser.get(
        "/admin/autocomplete/",
        {
            "term": "insuff",
            "app_label": "payments",
            "model_name": "errormapping",
            "field_name": "meaning",
        },
    ).json()
    browser.post(
        "/admin/payments/errormapping/add/",
        {"provider": "stripe", "operation": "", "provider_code": "new", "meaning": meaning.pk},
    )

    assert [one["id"] for one in offered["results"]] == [str(meaning.pk)]
    assert ErrorMapping.objects.get(provider_code="new").meaning == meaning


def test_who_changed_something_is_known() -> None:
    person: User = people.admin()

    signed_in(person).post(ADD, CONTRACT)

    assert AuditEvent.objects.get().actor_id == person.public_id
