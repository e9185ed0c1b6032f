"""The admin shows money and changes none; what may be changed there is written down."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client, RequestFactory
from django.utils import timezone

from core.admin import ReadOnlyAdmin
from core.fields import cipher
from payments.models import (
    LedgerAccount,
    PaymentIntent,
    PaymentMethod,
    Transfer,
    WebhookBody,
    WebhookEvent,
)
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories import reporting as day
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.payments import PaymentIntentFactory, ProviderAccountFactory

if TYPE_CHECKING:
    from django.db.models import Model
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

# Everything else is read-only, whoever looks.
EDITABLE = {
    "core.apikey",
    "core.rolelimit",
    "core.user",
    "crm.extension",
    "crm.phonesystem",
    "orders.product",
    "payments.errormapping",
    "payments.keypad",
    "payments.provideraccount",
    "payments.terminal",
    "payments.unifiederror",
}
# Parts of a row that stand on its page, and what nobody may read.
WITHOUT_A_TABLE = {"crm.agentline", "payments.intentitem", "payments.webhookbody"} | {
    "payments.refundline"
}


def registered() -> dict[str, admin.ModelAdmin[Any]]:
    return {model._meta.label_lower: admin.site.get_model_admin(model) for model in tables()}


def tables() -> list[type[Model]]:
    return [model for model in apps.get_models() if admin.site.is_registered(model)]


def changeable(label: str, table: admin.ModelAdmin[Any]) -> list[str]:
    """What a superuser who administers could do to a table that nobody should change."""
    request = RequestFactory().get("/admin/")
    request.user = UserFactory.create(is_superuser=True, is_staff=True, role="admin")
    allowed = {
        "add": table.has_add_permission(request),
        "change": table.has_change_permission(request),
        "delete": table.has_delete_permission(request),
        "act": bool(table.get_actions(request)) and label not in EDITABLE,
    }
    for inline in table.get_inline_instances(request):
        allowed["add a part"] = inline.has_add_permission(request, None)
        allowed["change a part"] = inline.has_change_permission(request)
        allowed["delete a part"] = inline.has_delete_permission(request)
    return [f"{what} {label}" for what, is_allowed in allowed.items() if is_allowed]


def test_nobody_changes_any_table_that_is_not_meant_to_be() -> None:
    found = {label: changeable(label, table) for label, table in registered().items()}

    assert [deeds for label, deeds in found.items() if label not in EDITABLE and deeds] == []
    assert set(found) >= EDITABLE


def test_nothing_at_all_is_deleted() -> None:
    deeds = [deed for label, table in registered().items() for deed in changeable(label, table)]

    assert [deed for deed in deeds if deed.startswith("delete")] == []


def test_a_table_that_can_be_changed_would_be_seen() -> None:
    careless = admin.ModelAdmin(PaymentIntent, admin.site)

    assert "delete payments.paymentintent" in changeable("payments.paymentintent", careless)


def test_every_table_of_the_money_stands_in_the_admin() -> None:
    labels = {model._meta.label_lower for model in apps.get_app_config("payments").get_models()}

    assert labels - WITHOUT_A_TABLE == {
        label for label in registered() if label.startswith("payments.")
    }


def test_counts_of_tables_that_grow_are_estimated() -> None:
    growing = {label: table for label, table in registered().items() if label not in EDITABLE}

    assert all(isinstance(table, ReadOnlyAdmin) for table in growing.values())
    assert not [label for label, table in growing.items() if table.show_full_result_count]


def administrator() -> Client:
    return signed_in(people.admin())


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


@pytest.fixture
def fifty() -> None:
    """Enough rows for a full page of everything that hangs on a payment."""
    account = ProviderAccountFactory.create()
    for number in range(50):
        capture = day.taken(account, "card", 10_000 + number)
        if number % 5 == 0:
            day.refunded(capture, 100)
        if number % 10 == 1:
            day.disputed(capture, 100)
    PaymentMethod.objects.bulk_create(
        PaymentMethod(
            customer=intent.customer,
            account=account,
            method="card",
            token={"token": "tok_secret"},
            token_digest=intent.public_id,
        )
        for intent in PaymentIntent.objects.select_related("customer")
    )


@pytest.mark.usefixtures("fifty")
def test_a_page_of_fifty_rows_costs_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = administrator()
    browser.get("/admin/")

    for model in tables():
        app, name = model._meta.app_label, model._meta.model_name
        with django_assert_max_num_queries(12):
            page_of(browser, f"/admin/{app}/{name}/")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            with django_assert_max_num_queries(14 if app == "crm" else 12):
                page_of(browser, f"/admin/{app}/{name}/{row.pk}/change/")


def test_auditors_look_and_change_nothing() -> None:
    account = ProviderAccountFactory.create()
    auditor = signed_in(people.auditor())

    page_of(auditor, f"/admin/payments/provideraccount/{account.pk}/change/")
    refused = auditor.post(
        f"/admin/payments/provideraccount/{account.pk}/change/", {"name": "Mine", "kind": "stripe"}
    )

    assert refused.status_code == 403
    assert auditor.get("/admin/core/apikey/add/").status_code == 403
    account.refresh_from_db()
    assert (account.name, account.kind) == ("Sandbox", "sandbox")


@pytest.mark.parametrize("role", ["agent", "senior_agent", "finance"])
def test_others_do_not_come_in_whatever_their_flags(role: str) -> None:
    flagged = UserFactory.create(role=role, is_staff=True, is_superuser=True)

    assert signed_in(flagged).get("/admin/", follow=True).status_code == 403


def test_the_admin_has_no_door_of_its_own() -> None:
    answer = Client().get("/admin/payments/refund/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/payments/refund/"
    wrong = Client().post("/admin/login/", {"username": "admin", "password": "x"})
    assert (wrong.status_code, wrong["Location"]) == (302, "/accounts/login/?next=/admin/")


def test_the_second_factor_comes_before_the_admin() -> None:
    client = Client()
    client.force_login(people.admin())

    answer = client.get("/admin/payments/refund/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/")


def test_only_our_own_tables_stand_there() -> None:
    apps_shown = {label.partition(".")[0] for label in registered()}

    assert apps_shown == {"core", "crm", "orders", "payments"}


@pytest.mark.parametrize("term", ["{0.public_id}", "{0.public_id:.20}", "{0.customer.public_id}"])
def test_payments_are_found_by_the_beginning_of_an_id(term: str) -> None:
    intent = PaymentIntentFactory.create()
    PaymentIntentFactory.create(public_id="pi_00000000000000000000000000")

    found = administrator().get(
        "/admin/payments/paymentintent/", {"q": term.format(_Sliceable(intent))}
    )

    assert [row.pk for row in found.context["cl"].result_list] == [intent.pk]


class _Sliceable:
    def __init__(self, intent: PaymentIntent) -> None:
        self.public_id = intent.public_id
        self.customer = intent.customer


def test_other_words_find_nothing_rather_than_everything() -> None:
    PaymentIntentFactory.create()

    found = administrator().get("/admin/payments/paymentintent/", {"q": "makinen"})

    assert list(found.context["cl"].result_list) == []


def test_transfers_and_accounts_are_found() -> None:
    capture = day.taken(ProviderAccountFactory.create(), "card")
    browser = administrator()

    transfers = browser.get("/admin/payments/transfer/", {"q": capture.public_id})
    accounts = browser.get("/admin/payments/ledgeraccount/", {"q": "provider-clearing:EUR"})

    assert set(transfers.context["cl"].result_list) == set(
        Transfer.objects.filter(subject=capture.public_id)
    )
    assert set(accounts.context["cl"].result_list) == set(
        LedgerAccount.objects.filter(code="provider-clearing")
    )


def test_a_saved_token_is_shown_nowhere() -> None:
    method = PaymentMethod.objects.create(
        customer=CustomerFactory.create(),
        account=ProviderAccountFactory.create(),
        method="card",
        token={"token": "tok_very_secret"},
        token_digest="digest-of-token",
    )
    browser = administrator()

    pages = page_of(browser, "/admin/payments/paymentmethod/") + page_of(
        browser, f"/admin/payments/paymentmethod/{method.pk}/change/"
    )

    assert method.public_id in pages
    assert "tok_very_secret" not in pages
    assert "digest-of-token" not in pages


def test_a_delivery_is_told_by_size_and_digest_only() -> None:
    body = b'{"secret": "what the provider said"}'
    event = WebhookEvent.objects.create(
        account=ProviderAccountFactory.create(),
        event_id="evt_1",
        kind="payment.paid",
        next_at=timezone.now(),
        received_at=timezone.now(),
    )
    WebhookBody.objects.create(
        event=event, headers=cipher().encrypt(b"{}"), body=cipher().encrypt(body)
    )
    browser = administrator()

    page = page_of(browser, f"/admin/payments/webhookevent/{event.pk}/change/")
    found = browser.get("/admin/payments/webhookevent/", {"q": "evt_1"})

    assert hashlib.sha256(body).hexdigest() in page
    assert f">{len(body)}<" in page
    assert "what the provider said" not in page
    assert list(found.context["cl"].result_list) == [event]
