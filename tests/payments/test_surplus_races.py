"""The same cent wanted by several at once: one gets it. Each guard with its anti-test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.models import Role, RoleLimit
from core.money import Money
from orders.models import Allocation, Invoice
from payments.models import Capture, Refund, SurplusMove
from payments.services import move_limits, surplus
from tests.factories import core as people
from tests.factories.payments import asked_refund
from tests.payments.test_races import at_once, without_row_locks, without_trigger
from tests.payments.test_surplus import intent_of, moved, other_invoice, overpaid

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def moving(capture: Capture, invoice: Invoice, amount: int) -> Callable[[], SurplusMove]:
    person = people.agent()
    return lambda: moved(capture, invoice, amount, person)


def on_invoices(capture: Capture) -> int:
    rows = Allocation.objects.filter(source_id=capture.public_id)
    return sum(rows.values_list("amount", flat=True))


def test_many_who_move_the_same_money_at_once_move_it_once() -> None:
    capture = overpaid()
    invoices = [other_invoice(capture, 8_000) for _ in range(6)]

    results = at_once([moving(capture, invoice, 8_000) for invoice in invoices])

    assert sum(isinstance(result, SurplusMove) for result in results) == 1
    assert (on_invoices(capture), intent_of(capture).surplus) == (10_000, 0)


def test_without_lock_and_trigger_the_same_money_would_pay_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = overpaid()
    invoices = [other_invoice(capture, 8_000) for _ in range(6)]

    with (
        without_row_locks(monkeypatch),
        without_trigger("payments_surplusmove", "payments_surplusmove_limit"),
    ):
        at_once([moving(capture, invoice, 8_000) for invoice in invoices])

    assert on_invoices(capture) > 10_000
    undo(capture)


def undo(capture: Capture) -> None:
    """Put right what only the anti-test could bring about."""
    Capture.objects.filter(pk=capture.pk).update(allocated=on_invoices(capture))
    # With news of the payment, what is on invoices beyond it is taken off them.
    surplus.take_back_move(move_id=SurplusMove.objects.earliest("pk").pk, actor=people.agent())


def test_moving_while_it_is_refunded_uses_no_cent_twice() -> None:
    for _ in range(3):
        capture = overpaid(9_000, 1_000)
        invoice, person = other_invoice(capture, 8_000), people.finance()

        at_once(
            [
                moving(capture, invoice, 8_000),
                lambda c=capture, p=person: asked_refund(c, 9_000, p),  # type: ignore[misc]
            ]
        )

        held = sum(Refund.objects.filter(capture=capture).values_list("amount", flat=True))
        was_moved = SurplusMove.objects.filter(intent=capture.attempt.intent).exists()
        # A refund may take what is on invoices back; what it holds is not moved there after it.
        assert held in {0, 9_000}
        assert on_invoices(capture) == (9_000 if was_moved else 1_000)


def waiting(capture: Capture) -> SurplusMove:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1)
    return moved(capture, other_invoice(capture, 8_000), 8_000)


def approving(move: SurplusMove, approver: User) -> Callable[[], SurplusMove]:
    return lambda: surplus.approve_move(move_id=move.pk, approver=approver)


def test_many_who_approve_at_once_move_it_once() -> None:
    capture = overpaid()
    move = waiting(capture)

    results = at_once([approving(move, people.finance()) for _ in range(6)])

    assert sum(isinstance(result, SurplusMove) for result in results) == 1
    assert on_invoices(capture) == 10_000


def test_many_who_take_it_back_at_once_take_it_once() -> None:
    capture = overpaid()
    move = moved(capture, other_invoice(capture, 8_000), 8_000)
    person = people.agent()

    results = at_once([lambda: surplus.take_back_move(move_id=move.pk, actor=person)] * 6)

    assert sum(isinstance(result, SurplusMove) for result in results) == 1
    assert on_invoices(capture) == 2_000


def test_the_day_of_a_person_holds_however_much_is_moved_at_once() -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(moves_per_day=2_000)
    capture, person = overpaid(), people.agent()
    invoice = other_invoice(capture, 8_000)

    at_once([lambda: moved(capture, invoice, 1_000, person)] * 5)

    assert SurplusMove.objects.filter(status="moved").count() == 2


def test_without_its_lock_the_day_would_be_overdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(moves_per_day=2_000)
    person = people.agent()
    several = [overpaid() for _ in range(5)]
    wanted = [(capture, other_invoice(capture, 8_000)) for capture in several]
    monkeypatch.setattr(move_limits, "one_at_a_time", lambda _person: None)

    at_once(
        [
            lambda c=capture, i=invoice: moved(c, i, 1_000, person)  # type: ignore[misc]
            for capture, invoice in wanted
        ]
    )

    assert SurplusMove.objects.filter(status="moved").count() > 2
    assert move_limits.left_today(person, "EUR") == Money(0, "EUR")
