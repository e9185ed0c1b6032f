"""Whatever is typed into a page or written into its address: an answer, never a failure."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.urls import get_resolver

import crm.forms
import payments.forms
from core.ids import make_public_id
from crm.models import ContactPoint
from payments.services import links, receipts
from tests.architecture.test_routes import routes
from tests.factories.core import supervisor
from tests.factories.desk import HTMX, Desk
from tests.factories.orders import OrderFactory
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

# Programs come in by doors of their own; the admin and the sign-in are their libraries'.
OTHER_DOORS = ("admin/", "accounts/", "api/", "webhooks/", "live/", "static/", "healthz", "readyz")
ODD_TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "NaN",
    "9" * 400,
    "0000" + "1" * 30,
    "1,5,5",
    "²",
    "x" * 5_000,
    "nul\x00",
    "\u202eabc\u200b",
    "'; DROP TABLE crm_customer; --",
    "%s %(x)s {x}",
    "<script>alert(1)</script>",
    "2026-02-30",
    "../../etc/passwd",
    "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
)
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
ADDRESSED = sorted(path for path, _ in routes(get_resolver()) if not path.startswith(OTHER_DOORS))
TYPED = {
    *("term", "q", "page", "since", "until", "day", "status", "method", "lang", "keep", "next"),
    *("currency", "account", "kind", "outcome", "age", "tab", "back", "from"),
}
ODD_ENDINGS = ("%00", "cus_1%00", "%ff", "x" * 300, "%2e%2e", "%F0%9F%92%B6")


def members() -> set[str]:
    """Every name that a form of the desk has, and those that pages read beside forms."""
    made: list[Any] = [
        form
        for module in (crm.forms, payments.forms)
        for _, form in inspect.getmembers(module, inspect.isclass)
        if issubclass(form, forms.BaseForm)
    ]
    return TYPED.union(*(form.base_fields for form in made))


class World:
    """A supervisor's browser, and something to be seen at each address."""

    def __init__(self) -> None:
        self.desk = Desk(supervisor())
        self.desk.client.raise_request_exception = True
        customer = self.desk.customer
        capture = paid_capture(customer=customer)
        intent = self.desk.sent()
        session = intent.sessions.get()
        pay = links.address_of(session).strip("/").split("/")
        receipt = receipts.address_of(capture).strip("/").split("/")
        self.named = {
            "customers": customer.public_id,
            "contacts": ContactPoint.objects.filter(customer=customer).earliest("pk").public_id,
            "merges": "mrg_nothing",
            "payments": intent.public_id,
            "orders": OrderFactory.create(customer=customer).public_id,
            "invoices": self.desk.router.public_id,
            "docs": "not_found",
        }
        self.places = {
            "other_id": "cus_nothing",
            "key": "link_paid",
            "name": "pay",
            "tab": "orders",
            "event_id": "1",
            "session_id": session.public_id,
            "capture_id": capture.public_id,
            "attempt_id": capture.attempt.public_id,
        }
        self.secrets = {"pay": pay[-1], "receipt": receipt[-1]}

    def address(self, path: str) -> str:
        """Fill in what an address names."""
        what = path.partition("/")[0]
        places = {**self.places, "secret": self.secrets.get(what, ""), "slug": "x"}
        places["public_id"] = places["code"] = self.named.get(what, "")
        return "/" + PLACE.sub(lambda found: places[found[1]], path)


def asked(world: World, path: str) -> Iterator[tuple[str, Any]]:
    address, fields = world.address(path), sorted(members())
    browser = world.desk.client
    for text in ODD_TEXTS:
        typed = {**dict.fromkeys(fields, text), "operation": make_public_id("op")}
        yield text, browser.post(address, typed)
        yield text, browser.post(address, typed, headers=HTMX)
        yield text, browser.get(address, dict.fromkeys(TYPED, text[:2_000]))
    for ending in ODD_ENDINGS if PLACE.search(path) else ():
        yield ending, browser.get("/" + PLACE.sub(ending, path))
    yield "nothing", browser.post(address)
    yield "bytes", browser.generic("POST", address, b"\xff\xfe=%ff&%", "text/plain")


@pytest.mark.parametrize("path", ADDRESSED)
def test_nothing_that_is_typed_makes_a_page_fail(path: str) -> None:
    for text, answer in asked(World(), path):
        assert answer.status_code < 500, text[:40]


@pytest.mark.parametrize("ending", ODD_ENDINGS)
def test_a_delivery_to_an_account_that_cannot_be_is_refused(client: Client, ending: str) -> None:
    answer = client.post(f"/webhooks/{ending}/", b"{}", content_type="application/json")

    assert answer.status_code == 404
