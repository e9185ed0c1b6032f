"""Free money of a payment on another invoice: exact, within limits, and taken back whole."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEvent, Role, RoleLimit, User
from core.money import Money
from crm.models import TimelineEntry
from orders.models import Allocation, Invoice
from payments import errors
from payments.models import Capture, PaymentEvent, PaymentIntent, SurplusMove, Transfer
from payments.services import surplus
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import asked_refund, paid_capture
from tests.payments.test_approvals import refunded_elsewhere

pytestmark = pytest.mark.django_db

SURPLUS = 8_000


@pytest.fixture
def capture() -> Capture:
    """A hundred euros paid for an invoice of twenty: eighty are free."""
    return overpaid()


def overpaid(amount: int = 10_000, owed: int = 2_000) -> Capture:
    invoice = InvoiceFactory.create(total=owed)
    return paid_capture(invoice=invoice, amount=amount)


def other_invoice(capture: Capture, total: int = 5_000) -> Invoice:
    made: Invoice = InvoiceFactory.create(customer=intent_of(capture).customer, total=total)
    return made


def intent_of(capture: Capture) -> PaymentIntent:
    return PaymentIntent.objects.select_related("customer").get(pk=capture.attempt.intent_id)


def moved(
    capture: Capture, invoice: Invoice, amount: int = 5_000, by: User | None = None
) -> SurplusMove:
    return surplus.move_surplus(
        intent_id=capture.attempt.intent_id,
        invoice_id=invoice.pk,
        amount=Money(amount, "EUR"),
        requested_by=by or people.agent(),
    )


def test_surplus_pays_another_invoice_to_the_cent(capture: Capture) -> None:
    invoice = other_invoice(capture)
    assert intent_of(capture).surplus == SURPLUS

    move = moved(capture, invoice, 4_999)

    invoice.refresh_from_db()
    assert (move.status, invoice.open_amount) == ("moved", 1)
    assert intent_of(capture).surplus == SURPLUS - 4_999
    posted = Transfer.objects.get(pair=f"allocated:{invoice.pk}")
    assert (posted.amount, posted.debit.key.split(":")[0]) == (4_999, "customer-funds")
    assert posted.credit.key.split(":")[0] == "receivable"


def test_it_is_audited_told_and_seen_on_the_rail(capture: Capture) -> None:
    person, invoice = people.agent(), other_invoice(capture)

    move = moved(capture, invoice, by=person)

    deed = AuditEvent.objects.get(action="surplus.moved")
    assert (deed.actor_id, deed.object_id) == (person.public_id, move.public_id)
    assert TimelineEntry.objects.filter(kind="surplus_moved").count() == 1
    step = PaymentEvent.objects.get(subject_kind="move")
    assert (step.status, step.detail) == ("moved", {"invoice": invoice.number})


def test_a_move_is_taken_back_whole(capture: Capture) -> None:
    invoice = other_invoice(capture)
    move = moved(capture, invoice)

    surplus.take_back_move(move_id=move.pk, actor=people.agent())

    invoice.refresh_from_db()
    move.refresh_from_db()
    assert (move.status, invoice.open_amount) == ("taken_back", 5_000)
    assert intent_of(capture).surplus == SURPLUS
    with pytest.raises(errors.AlreadyDecided):
        surplus.take_back_move(move_id=move.pk, actor=people.agent())
    assert Allocation.objects.filter(invoice=invoice).count() == 2


def test_what_was_refunded_since_cannot_be_taken_back(capture: Capture) -> None:
    invoice = other_invoice(capture)
    move = moved(capture, invoice)
    refunded_elsewhere(capture, 4_000)

    with pytest.raises(errors.MoveNotWhole, match=r"Only €40\.00"):
        surplus.take_back_move(move_id=move.pk, actor=people.agent())

    move.refresh_from_db()
    invoice.refresh_from_db()
    assert (move.status, invoice.open_amount) == ("moved", 1_000)


@pytest.mark.parametrize(
    ("amount", "refusal", "words"),
    [
        (0, errors.AmountNotPositive, "greater than zero"),
        (8_001, errors.MoveExceedsSurplus, r"Only €80\.00"),
        (5_001, errors.MoveExceedsInvoice, r"Only €50\.00"),
    ],
)
def test_never_more_than_is_free_or_open(
    capture: Capture, amount: int, refusal: type[Exception], words: str
) -> None:
    invoice = other_invoice(capture)

    with pytest.raises(refusal, match=words):
        moved(capture, invoice, amount)

    assert not SurplusMove.objects.exists()
    assert not Allocation.objects.filter(invoice=invoice).exists()
    assert intent_of(capture).surplus == SURPLUS


def test_another_customers_invoice_and_another_currency_are_refused(capture: Capture) -> None:
    theirs = InvoiceFactory.create(customer=CustomerFactory.create(), total=5_000)
    dollars = InvoiceFactory.create(
        customer=intent_of(capture).customer, total=5_000, currency="USD"
    )

    with pytest.raises(errors.ItemOfSomebodyElse):
        moved(capture, theirs)
    with pytest.raises(errors.CurrencyNotOwed):
        moved(capture, dollars)

    assert not SurplusMove.objects.exists()


def test_money_that_a_refund_holds_is_not_free(capture: Capture) -> None:
    asked_refund(capture, 8_000)

    with pytest.raises(errors.MoveExceedsSurplus, match=r"Only €20\.00|Only €0\.00"):
        moved(capture, other_invoice(capture))

    assert not SurplusMove.objects.exists()


def test_what_prepays_an_order_is_not_free() -> None:
    capture = paid_capture(customer=CustomerFactory.create(), amount=10_000)
    PaymentIntent.objects.filter(pk=capture.attempt.intent_id).update(surplus=0)

    with pytest.raises(errors.MoveExceedsSurplus):
        moved(capture, other_invoice(capture))

    assert not SurplusMove.objects.exists()
    PaymentIntent.objects.filter(pk=capture.attempt.intent_id).update(surplus=10_000)


def test_above_the_limit_it_waits_and_a_second_person_moves_it(capture: Capture) -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    invoice = other_invoice(capture)

    move = moved(capture, invoice)

    assert (move.status, move.above_limit) == ("awaiting_approval", "per_move")
    invoice.refresh_from_db()
    assert invoice.open_amount == 5_000
    surplus.approve_move(move_id=move.pk, approver=people.finance())
    invoice.refresh_from_db()
    move.refresh_from_db()
    assert (move.status, invoice.open_amount) == ("moved", 0)


def test_the_day_counts_what_a_person_moved_themselves(capture: Capture) -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(moves_per_day=3_000)
    person = people.agent()
    moved(capture, other_invoice(capture), 2_000, person)

    second = moved(capture, other_invoice(capture), 2_000, person)

    assert (second.status, second.above_limit) == ("awaiting_approval", "per_day")


def test_who_may_move_nothing_and_what_nobody_may_is_refused(capture: Capture) -> None:
    RoleLimit.objects.filter(currency="EUR").update(per_move=1_000)
    invoice = other_invoice(capture)

    with pytest.raises(errors.MoveAboveEveryLimit):
        moved(capture, invoice)
    with pytest.raises(errors.MoveAboveLimit):
        moved(capture, invoice, by=people.admin())

    assert not SurplusMove.objects.exists()


def waiting(capture: Capture, by: User | None = None) -> SurplusMove:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    return moved(capture, other_invoice(capture), by=by)


def test_nobody_approves_or_refuses_their_own(capture: Capture) -> None:
    person = people.agent()
    move = waiting(capture, person)

    with pytest.raises(errors.OwnRequest):
        surplus.approve_move(move_id=move.pk, approver=person)
    with pytest.raises(errors.OwnRequest):
        surplus.refuse_move(move_id=move.pk, approver=person, reason="no")

    move.refresh_from_db()
    assert move.status == "awaiting_approval"


def test_it_is_refused_with_a_reason_or_withdrawn_by_who_asked(capture: Capture) -> None:
    person = people.agent()
    first, second = waiting(capture, person), waiting(capture, person)
    with pytest.raises(errors.RefusalNeedsReason):
        surplus.refuse_move(move_id=first.pk, approver=people.finance(), reason="")
    with pytest.raises(errors.NotOwnRequest):
        surplus.withdraw_move(move_id=second.pk, actor=people.finance())

    surplus.refuse_move(move_id=first.pk, approver=people.finance(), reason="ask first")
    surplus.withdraw_move(move_id=second.pk, actor=person)

    statuses = SurplusMove.objects.order_by("pk").values_list("status", "refusal")
    assert list(statuses) == [("canceled", "ask first"), ("canceled", "")]
    assert intent_of(capture).surplus == SURPLUS


def test_what_went_meanwhile_is_not_moved_by_an_approval(capture: Capture) -> None:
    move = waiting(capture)
    asked_refund(capture, 9_000)

    with pytest.raises(errors.MoveExceedsSurplus):
        surplus.approve_move(move_id=move.pk, approver=people.finance())

    move.refresh_from_db()
    assert (move.status, move.decided_by) == ("awaiting_approval", None)


def test_the_approvers_own_limit_covers_it_or_it_waits_on(capture: Capture) -> None:
    move = waiting(capture)
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(per_move=4_999)

    with pytest.raises(errors.MoveAboveLimit):
        surplus.approve_move(move_id=move.pk, approver=people.supervisor())

    move.refresh_from_db()
    assert move.status == "awaiting_approval"


def violated(refusal: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation)
    return cause.diag.constraint_name


def test_the_database_refuses_more_than_is_free_and_who_asked(capture: Capture) -> None:
    person = people.agent()
    move = waiting(capture, person)
    wanted = {"status": "moved", "decided_by": people.finance(), "amount": 8_001}

    with pytest.raises(IntegrityError) as beyond, transaction.atomic():
        SurplusMove.objects.filter(pk=move.pk).update(**wanted)
    with pytest.raises(IntegrityError) as own, transaction.atomic():
        SurplusMove.objects.filter(pk=move.pk).update(decided_by=person)
    with pytest.raises(IntegrityError) as undecided, transaction.atomic():
        SurplusMove.objects.filter(pk=move.pk).update(status="moved")

    assert [violated(one) for one in (beyond, own, undecided)] == [
        "move_within_surplus",
        "move_second_person",
        "move_above_limit_decided",
    ]
