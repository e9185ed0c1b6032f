from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.money import Money
from orders.balances import invoices_with_wrong_sums
from orders.errors import AmountUnusable
from orders.models import Allocation, Invoice
from orders.services.allocate import record_payment, take_back
from tests.factories.orders import InvoiceFactory
from tests.orders.threads import THREADS, race

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def pay(invoice: Invoice, minor: int, cause: str = "c1", source_id: str = "cap_1") -> int:
    """Pay one invoice and answer what was allocated."""
    rows = record_payment(invoices=[(invoice.pk, euros(minor))], source_id=source_id, cause=cause)
    return sum(row.amount for row in rows)


def open_amounts(invoices: Sequence[Invoice]) -> list[int]:
    fresh = Invoice.objects.in_bulk([invoice.pk for invoice in invoices])
    return [fresh[invoice.pk].open_amount for invoice in invoices]


def test_a_full_payment_settles_the_invoice() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    assert pay(invoice, 10_000) == 10_000

    invoice.refresh_from_db()
    assert invoice.status == Invoice.Status.PAID
    assert invoice.open_amount == 0


def test_a_part_payment_leaves_the_rest_open() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    assert pay(invoice, 4_000) == 4_000

    assert open_amounts([invoice]) == [6_000]


def test_what_is_paid_too_much_finds_no_invoice() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    assert pay(invoice, 12_000) == 10_000

    assert open_amounts([invoice]) == [0]
    assert Allocation.objects.get().money == euros(10_000)


def test_several_invoices_are_paid_by_one_cause() -> None:
    first, second, third = invoices = InvoiceFactory.create_batch(3, total=5_000)
    wanted = [(first.pk, euros(5_000)), (second.pk, euros(2_000)), (third.pk, euros(9_000))]

    rows = record_payment(invoices=wanted, source_id="cap_1", cause="c1")

    assert [(row.invoice_id, row.amount) for row in rows] == [
        (first.pk, 5_000),
        (second.pk, 2_000),
        (third.pk, 5_000),
    ]
    assert [row.invoice.open_amount for row in rows] == open_amounts(invoices) == [0, 3_000, 0]


def test_the_same_cause_allocates_once() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    pay(invoice, 4_000, cause="c1")

    assert pay(invoice, 4_000, cause="c1") == 4_000

    assert open_amounts([invoice]) == [6_000]
    assert Allocation.objects.count() == 1


def test_nothing_is_written_to_an_invoice_that_is_settled() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    pay(invoice, 10_000, cause="c1")

    assert pay(invoice, 1, cause="c2") == 0

    assert Allocation.objects.count() == 1


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR"), Money(100, "SEK")])
def test_an_unusable_amount_is_refused_for_all_invoices(amount: Money) -> None:
    first, second = invoices = InvoiceFactory.create_batch(2, total=10_000)
    wanted = [(first.pk, euros(100)), (second.pk, amount)]

    with pytest.raises(AmountUnusable, match="EUR"):
        record_payment(invoices=wanted, source_id="cap_1", cause="c1")

    assert open_amounts(invoices) == [10_000, 10_000]
    assert not Allocation.objects.exists()


def test_money_is_taken_back_from_the_newest_allocation_first() -> None:
    first, second = invoices = InvoiceFactory.create_batch(2, total=5_000)
    pay(second, 5_000, cause="c1")
    pay(first, 3_000, cause="c2")

    rows = take_back(source_id="cap_1", amount=euros(4_000), cause="refund-1")

    assert [(row.invoice_id, row.amount) for row in rows] == [
        (first.pk, -3_000),
        (second.pk, -1_000),
    ]
    assert open_amounts(invoices) == [5_000, 1_000]


def test_taking_back_goes_on_where_it_stopped() -> None:
    first, second = invoices = InvoiceFactory.create_batch(2, total=5_000)
    pay(first, 5_000, cause="c1")
    pay(second, 5_000, cause="c2")

    take_back(source_id="cap_1", amount=euros(2_000), cause="refund-1")
    take_back(source_id="cap_1", amount=euros(4_000), cause="refund-2")

    assert open_amounts(invoices) == [1_000, 5_000]


def test_taking_back_is_safe_to_repeat() -> None:
    invoice = InvoiceFactory.create(total=5_000)
    pay(invoice, 5_000)

    first = take_back(source_id="cap_1", amount=euros(2_000), cause="refund-1")
    again = take_back(source_id="cap_1", amount=euros(2_000), cause="refund-1")

    assert first == again
    assert open_amounts([invoice]) == [2_000]


def test_no_more_is_taken_back_than_the_source_paid() -> None:
    invoice = InvoiceFactory.create(total=5_000)
    pay(invoice, 3_000, source_id="cap_1", cause="c1")
    pay(invoice, 1_000, source_id="cap_2", cause="c2")

    rows = take_back(source_id="cap_1", amount=euros(9_000), cause="refund-1")

    assert [row.amount for row in rows] == [-3_000]
    assert open_amounts([invoice]) == [4_000]
    assert take_back(source_id="cap_3", amount=euros(1), cause="refund-2") == []


def test_another_currency_is_not_taken_back() -> None:
    invoice = InvoiceFactory.create(total=5_000)
    pay(invoice, 5_000)

    with pytest.raises(AmountUnusable):
        take_back(source_id="cap_1", amount=Money(100, "SEK"), cause="refund-1")

    assert open_amounts([invoice]) == [0]


steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 9_000)), min_size=1, max_size=12
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_whatever_comes_and_goes_the_sums_stay_true(script: list[tuple[bool, int, int]]) -> None:
    with transaction.atomic():
        invoices = InvoiceFactory.create_batch(3, total=10_000)
        for turn, (is_payment, which, minor) in enumerate(script):
            if is_payment:
                pay(invoices[which], minor, cause=f"c{turn}", source_id=f"cap_{minor % 2}")
            else:
                take_back(source_id=f"cap_{minor % 2}", amount=euros(minor), cause=f"c{turn}")

        assert all(0 <= left <= 10_000 for left in open_amounts(invoices))
        assert not invoices_with_wrong_sums().exists()
        transaction.set_rollback(True)


def test_paying_an_invoice_takes_two_statements() -> None:
    invoice = InvoiceFactory.create(total=5_000)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        pay(invoice, 5_000)

    data = [q for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(data) == 2


@pytest.mark.django_db(transaction=True)
def test_payments_at_once_never_allocate_too_much() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    given_out = race([partial(pay, invoice, 3_000, f"c{n}", f"cap_{n}") for n in range(THREADS)])

    assert sorted(given_out) == [0, 0, 0, 0, 1_000, 3_000, 3_000, 3_000]
    assert open_amounts([invoice]) == [0]
    assert not invoices_with_wrong_sums().exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_payment_at_once_is_allocated_once() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    given_out = race([lambda: pay(invoice, 3_000, cause="c1")] * THREADS)

    assert given_out == [3_000] * THREADS
    assert Allocation.objects.count() == 1
    assert open_amounts([invoice]) == [7_000]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_refuses_too_much() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    as_read_before = Invoice.objects.get(pk=invoice.pk)

    def pay_unlocked() -> bool:
        part = min(3_000, as_read_before.open_amount)
        try:
            Invoice.objects.filter(pk=invoice.pk).update(allocated=F("allocated") + part)
        except IntegrityError:
            return False
        return True

    results = race([pay_unlocked] * THREADS)

    assert results.count(True) == 3
    assert results.count(False) == THREADS - 3
