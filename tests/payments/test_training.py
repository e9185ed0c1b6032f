"""A provider where no money moves is refused where nobody trains: who "paid" there paid nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config import checks
from payments import errors, registry
from payments.models import PaymentAttempt, PaymentIntent, ProviderAccount, WebhookEvent
from payments.providers.errors import ProviderUnavailable
from payments.services import accounts, checkout
from tests.clients import signed_in
from tests.factories.core import admin
from tests.factories.pay_links import address, open_link
from tests.factories.payments import ProviderAccountFactory
from tests.payments.taking import Desk, desk
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

__all__ = ["desk", "sandbox", "sandbox_process"]

FORM = {
    "name": "Try it out",
    "kind": "sandbox",
    "methods": "card",
    "currencies": "EUR",
    "priority": "10",
    "api_key": "key",
    "webhook_secret": "secret",
    "address": "http://127.0.0.1:9",
    "is_enabled": "on",
}
ADMIN = "/admin/payments/provideraccount"


@pytest.fixture
def server(settings: Settings) -> Settings:
    """Where customers really pay: no training, no demo, no debugging."""
    settings.DEBUG = settings.TRAINING_MODE = settings.KUITTI_DEMO = False
    accounts.forget()
    return settings


@pytest.mark.parametrize("name", ["DEBUG", "TRAINING_MODE", "KUITTI_DEMO"])
def test_each_of_three_settings_names_training(server: Settings, name: str) -> None:
    assert not registry.is_usable("sandbox")

    setattr(server, name, True)

    assert registry.is_usable("sandbox")


@pytest.mark.usefixtures("server")
def test_a_provider_where_money_moves_needs_no_training() -> None:
    assert registry.usable_kinds() == ["stripe"]
    assert not registry.is_usable("nobody")


@pytest.mark.django_db
@pytest.mark.usefixtures("server")
def test_its_adapter_is_not_given_out() -> None:
    account = ProviderAccountFactory.create()

    with pytest.raises(ProviderUnavailable, match="training only"):
        registry.provider_for(account)


@pytest.mark.django_db(transaction=True)
def test_its_word_about_money_counts_only_while_people_train(
    desk: Desk, settings: Settings
) -> None:
    attempt = checkout.choose_method(session_id=desk.link(desk.intent()).pk, method="card")
    desk.sandbox.pay(attempt.page_url)

    settings.TRAINING_MODE = False
    desk.poll()
    assert PaymentIntent.objects.get().captured == 0

    settings.TRAINING_MODE = True
    desk.poll()
    assert PaymentIntent.objects.get().captured == 10_000


@pytest.mark.django_db
@pytest.mark.usefixtures("server")
def test_no_delivery_of_its_is_kept(client: Client) -> None:
    account = ProviderAccountFactory.create()

    answer = client.post(
        reverse("payments:webhook", args=[account.public_id]), b"{}", "application/json"
    )

    assert answer.status_code == 404
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_its_ways_to_pay_are_not_offered(client: Client, server: Settings) -> None:
    session = open_link()

    page = client.get(address(session)).content.decode()
    with pytest.raises(errors.MethodNotOffered):
        checkout.choose_method(session_id=session.pk, method="card")

    assert "No way to pay is open just now" in page
    assert not PaymentAttempt.objects.exists()
    server.TRAINING_MODE = True
    assert 'value="card"' in client.get(address(session)).content.decode()


@pytest.mark.django_db
def test_an_account_there_can_only_be_made_where_people_train(server: Settings) -> None:
    browser = signed_in(admin())

    refused = browser.post(f"{ADMIN}/add/", FORM)
    assert "Select a valid choice" in refused.content.decode()
    assert not ProviderAccount.objects.exists()

    server.TRAINING_MODE = True
    assert browser.post(f"{ADMIN}/add/", FORM).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("server")
def test_an_account_there_can_be_switched_off_and_not_on() -> None:
    account = ProviderAccountFactory.create()
    browser, change = signed_in(admin()), f"{ADMIN}/{account.pk}/change/"

    refused = browser.post(change, FORM)
    switched_off = browser.post(change, FORM | {"is_enabled": ""})

    assert "it is for training only" in refused.content.decode()
    assert switched_off.status_code == 302
    account.refresh_from_db()
    assert not account.is_enabled


@pytest.mark.django_db
def test_the_check_names_each_account_in_use_there(server: Settings) -> None:
    account = ProviderAccountFactory.create()
    ProviderAccountFactory.create(is_enabled=False)
    ProviderAccountFactory.create(kind="stripe")

    found = checks.training_is_named(databases=["default"])

    assert [error.id for error in found] == ["kuitti.E003"]
    assert account.public_id in found[0].msg
    assert checks.training_is_named() == []
    server.TRAINING_MODE = True
    assert checks.training_is_named(databases=["default"]) == []
