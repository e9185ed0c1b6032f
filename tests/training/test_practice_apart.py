"""Practice and real work never meet: in the books, at the providers, on the board, in search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.jobs import business_date
from core.money import Money
from crm.errors import PracticeApart
from crm.gateways import for_message
from crm.models import Call, Customer, PhoneSystem
from crm.search import find_customers
from crm.services import calls, merging, practising
from crm.services.tasks import make_task
from payments.models import PaymentAttempt, ProviderAccount
from payments.services import accounts, checkout
from payments.services.intents import NewIntent, create_intent
from reporting import figures, movements, now, now_rows, rows
from reporting.movements import Cell
from tests.clients import signed_in
from tests.conftest import _owner
from tests.factories.calls import NUMBER, ExtensionFactory, PhoneSystemFactory, ring
from tests.factories.core import agent, supervisor
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import ProviderAccountFactory
from training.errors import LessonGoesOn, TrainingNotHere
from training.models import LessonRun
from training.services import runs, world

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.training.floor import Floor

pytestmark = pytest.mark.django_db(transaction=True)


def practice_customer(**fields: Any) -> Customer:
    made: Customer = CustomerFactory.create(**fields)
    practising.mark(made)
    return made


def attempt_of(customer: Customer, account: ProviderAccount) -> PaymentAttempt:
    """Write an attempt past everything that chooses an account."""
    wanted = NewIntent(customer=customer, amount=Money(1_000, "EUR"), allows_surplus=True)
    intent = create_intent(wanted, actor=agent())
    return PaymentAttempt.objects.create(
        intent=intent, account=account, method="card", amount=1_000, currency="EUR"
    )


@pytest.fixture
def practice_account() -> ProviderAccount:
    made: ProviderAccount = ProviderAccountFactory.create(is_practice=True, name="Practice")
    accounts.forget()
    return made


def test_practice_is_taken_by_practice_accounts_alone(practice_account: ProviderAccount) -> None:
    real = ProviderAccountFactory.create(priority=1)
    accounts.forget()
    for customer, expected in (
        (practice_customer(), practice_account),
        (CustomerFactory.create(), real),
    ):
        wanted = NewIntent(customer=customer, amount=Money(1_000, "EUR"), allows_surplus=True)
        intent = create_intent(wanted, actor=agent())
        assert checkout.accounts_for(intent) == [expected]


@pytest.mark.parametrize("practises", [True, False])
def test_the_database_refuses_an_attempt_across_the_wall(
    practice_account: ProviderAccount, *, practises: bool
) -> None:
    real = ProviderAccountFactory.create()
    customer = practice_customer() if practises else CustomerFactory.create()

    with pytest.raises(IntegrityError, match="kept apart"), transaction.atomic():
        attempt_of(customer, real if practises else practice_account)

    assert not PaymentAttempt.objects.exists()


def test_without_the_wall_practice_would_reach_a_real_account() -> None:
    """The proof that the test before this one can fail."""
    trigger = "payments_paymentattempt_practice"
    with _owner() as owner:
        owner.execute(f"ALTER TABLE payments_paymentattempt DISABLE TRIGGER {trigger}".encode())
        try:
            assert attempt_of(practice_customer(), ProviderAccountFactory.create()).pk
        finally:
            owner.execute(f"ALTER TABLE payments_paymentattempt ENABLE TRIGGER {trigger}".encode())


def test_no_account_where_money_moves_is_for_practice() -> None:
    with pytest.raises(IntegrityError, match="practice_moves_no_money"), transaction.atomic():
        ProviderAccountFactory.create(kind="stripe", is_practice=True)


def test_lessons_are_refused_beside_an_account_at_a_real_provider(floor: Floor) -> None:
    ProviderAccountFactory.create(kind="stripe")

    with pytest.raises(TrainingNotHere):
        runs.start(user=agent(), key="link_paid")

    assert not LessonRun.objects.exists()
    assert not Customer.objects.exists()


def test_lessons_are_refused_where_nobody_trains(floor: Floor, settings: Settings) -> None:
    settings.DEBUG = settings.TRAINING_MODE = settings.KUITTI_DEMO = False

    with pytest.raises(TrainingNotHere):
        runs.start(user=agent(), key="link_paid")

    assert not world.is_named()
    page = signed_in(agent()).get("/training/").text
    assert "Lessons are given in a training installation" in page


def test_one_lesson_at_a_time(floor: Floor) -> None:
    user = agent()
    runs.start(user=user, key="link_paid")

    with pytest.raises(LessonGoesOn):
        runs.start(user=user, key="promise")

    assert LessonRun.objects.count() == Customer.objects.count() == 1


def test_messages_to_practice_customers_leave_by_no_gateway(settings: Settings) -> None:
    settings.MESSAGE_GATEWAY_URL = "https://sms.invalid/"

    gateway = for_message("sms", is_practice=True)

    assert type(gateway).__name__ == "PracticeGateway"
    assert type(for_message("sms", is_practice=False)).__name__ == "HttpGateway"


def test_a_practice_call_finds_practice_customers_and_no_other_call_does() -> None:
    real, made_up = CustomerFactory.create(phone=NUMBER), practice_customer(phone=NUMBER)
    own = ExtensionFactory.create(phone_system=PhoneSystemFactory.create(is_practice=True))
    call, practice = ring(agent(), NUMBER), ring(own.user, NUMBER, extension=own)

    assert (call.customer, practice.customer) == (real, made_up)
    assert calls.candidates(call) == [real]
    assert calls.candidates(practice) == [made_up]
    with pytest.raises(PracticeApart):
        calls.name_customer(call=call, customer=made_up, actor=agent())
    assert Call.objects.get(pk=call.pk).customer_id != made_up.pk


def test_practice_customers_are_not_merged_with_others() -> None:
    real, made_up = CustomerFactory.create(), practice_customer()

    with pytest.raises(PracticeApart):
        merging.merge_customers(source=made_up, target=real, actor=supervisor())

    assert not Customer.objects.get(pk=made_up.pk).is_merged


def test_search_finds_what_is_made_up_only_in_a_lesson(floor: Floor) -> None:
    made_up = practice_customer(name="Maija Harjoitus")
    real = CustomerFactory.create(name="Maija Harjoitus")

    assert [one.customer for one in find_customers("Harjoitus")] == [real]
    assert [one.customer for one in find_customers("Harjoitus", is_practice=True)] == [made_up]


def test_no_figure_counts_what_was_made_up(floor: Floor) -> None:
    learner = floor.learner("link_paid")
    learner.answer()
    learner.send_link()
    learner.until(learner.has_ended)

    today = business_date()
    assert figures.takings(today) == []
    assert figures.authorisation(today) == []
    assert figures.outstanding() == []
    assert now.paces() == []
    assert now.people() == []
    assert {name: tally.count for name, tally in now.tallies().items() if tally.count} == {}
    assert movements.listed(Cell(today), skip=0, limit=9) == []
    assert not rows.attempts_lately().exists()
    assert not now_rows.calls("answered").exists()


def test_without_the_mark_figures_would_count_it(floor: Floor) -> None:
    """The proof that the test before this one can fail."""
    learner = floor.learner("link_paid")
    learner.answer()
    learner.send_link()
    learner.until(learner.has_ended)
    Customer.objects.update(is_practice=False)
    PhoneSystem.objects.update(is_practice=False)
    ProviderAccount.objects.update(is_practice=False)

    assert len(figures.takings(business_date())) == 1
    assert now.tallies()["answered"].count == 1
    assert rows.attempts_lately().exists()


def test_lists_of_work_show_what_is_made_up_in_a_lesson_and_nothing_else_then(
    floor: Floor,
) -> None:
    real = InvoiceFactory.create(customer=CustomerFactory.create(name="Oikea Asiakas")).customer
    wanted = NewIntent(customer=real, amount=Money(1_000, "EUR"), allows_surplus=True)
    create_intent(wanted, actor=agent())
    learner = floor.learner("link_paid")
    learner.answer()
    learner.send_link()

    listed = learner.client.get("/payments/").text
    elsewhere = signed_in(agent()).get("/payments/").text

    assert (real.name in listed, learner.customer.name in listed) == (False, True)
    assert (real.name in elsewhere, learner.customer.name in elsewhere) == (True, False)


@pytest.mark.parametrize("address", ["/", "/tasks/"])
def test_what_is_to_be_done_for_somebody_made_up_stands_in_no_other_list(
    floor: Floor, address: str
) -> None:
    learner = floor.learner("link_paid")
    real = CustomerFactory.create(name="Oikea Asiakas")
    for customer in (real, learner.customer):
        make_task(kind="call_back", due_at=timezone.now(), actor=supervisor(), customer=customer)
    make_task(kind="follow_up", due_at=timezone.now(), actor=supervisor(), text="Order paper")

    told = real.name, learner.customer.name, "Order paper"

    listed = learner.client.get(address).text
    elsewhere = signed_in(agent()).get(address).text
    assert [name in listed for name in told] == [False, True, False]
    assert [name in elsewhere for name in told] == [True, False, True]
