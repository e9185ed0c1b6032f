"""What is made up for practice stands in no list of the API, whatever the key may see."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from rest_framework.generics import ListAPIView

from core import policy
from core.endpoints import ListEndpoint
from core.jobs import business_date
from core.money import Money
from crm.models import Customer
from crm.services.tasks import make_task
from crm.urls_api import routes as crm_routes
from orders.services.plans import Planned, make_plan
from orders.services.promises import Promised, make_promise
from orders.urls_api import routes as orders_routes
from payments.models import OutcomeDecision, ProviderOperation
from payments.urls_api import routes as payments_routes
from tests.api import Api
from tests.factories.core import agent
from tests.factories.feedback import caller, talk, wrapped_up
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory
from tests.factories.payments import asked_refund, paid_capture
from tests.payments.test_surplus import moved

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.django_db

PRODUCTS = "products"


def lists() -> list[str]:
    """The address of every list that the API has."""
    every = [*crm_routes, *orders_routes, *payments_routes]
    views = {str(route.pattern): getattr(route.callback, "cls", object) for route in every}
    return [path for path, view in views.items() if issubclass(view, ListEndpoint)]


def ids(api: Api) -> Mapping[str, set[str]]:
    """What each list shows."""
    answers = {path: api.get(path, limit=100) for path in lists()}
    return {path: {row["id"] for row in one.data["results"]} for path, one in answers.items()}


def with_all_that_hangs_on(customer: Customer) -> Customer:
    """Let a customer have something of everything that the API lists."""
    user, today = agent(), business_date()
    OrderFactory.create(customer=customer)
    paid, other, promised, planned = (
        InvoiceFactory.create(customer=customer, total=total)
        for total in (2_000, 1_000, 3_000, 6_000)
    )
    capture = paid_capture(invoice=paid, amount=10_000)
    moved(capture, other, 1_000)
    asked_refund(capture, 500)
    OutcomeDecision.objects.create(
        operation=ProviderOperation.objects.get(intent__customer=customer, kind="refund"),
        outcome=OutcomeDecision.Outcome.CARRIED_OUT,
        reason="seen in the dashboard",
        requested_by=user,
    )
    due_on = today + dt.timedelta(days=7)
    make_promise(Promised(customer, [promised.pk], Money(3_000, "EUR"), due_on), actor=user)
    agreed = Planned(
        customer=customer,
        invoice_ids=[planned.pk],
        amount=Money(6_000, "EUR"),
        parts=2,
        first_on=today,
    )
    make_plan(agreed, actor=user)
    make_task(kind="call_back", due_at=timezone.now(), actor=user, customer=customer)
    wrapped_up(talk(customer))
    return customer


def practise(customer: Customer) -> None:
    """Say afterwards that all of it was made up: the wall lets no attempt be written across."""
    Customer.objects.filter(pk=customer.pk).update(is_practice=True)


@pytest.fixture
def api() -> Api:
    """A key that may do whatever a key can."""
    ProductFactory.create()
    return Api(*policy.Permission)


def test_no_list_shows_what_is_made_up_and_each_shows_what_is_real(api: Api) -> None:
    with_all_that_hangs_on(caller())
    real = ids(api)
    made_up = with_all_that_hangs_on(caller())
    everything = ids(api)

    practise(made_up)

    assert all(real.values()), "a list without rows proves nothing"
    assert [path for path in everything if everything[path] == real[path]] == [PRODUCTS]
    assert ids(api) == real


def test_without_the_rule_every_list_would_show_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof that the test before this one can fail."""
    practise(with_all_that_hangs_on(caller()))
    hidden = ids(api)
    monkeypatch.setattr(ListEndpoint, "get_queryset", ListAPIView.get_queryset)

    shown = ids(api)

    assert [path for path in hidden if hidden[path]] == [PRODUCTS]
    assert all(shown.values())


def test_what_belongs_to_nobody_is_listed(api: Api) -> None:
    """A task need not be about a customer: leaving practice out must not leave it out."""
    task = make_task(kind="follow_up", due_at=timezone.now(), actor=agent())

    assert ids(api)["tasks"] == {task.public_id}


def test_a_list_must_say_how_to_know_what_is_made_up() -> None:
    class Careless(ListEndpoint[Any]):
        queryset = Customer.objects.all()

    with pytest.raises(AttributeError, match="practice_mark"):
        Careless().get_queryset()
