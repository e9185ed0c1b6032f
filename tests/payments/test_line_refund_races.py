"""The same piece of a line given back by several at once: it goes back once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db.models import Sum

from payments.models import Refund, RefundLine
from tests.factories import core as people
from tests.factories.payments import paid_capture
from tests.payments.test_line_refunds import SOLD, asked, invoice_of
from tests.payments.test_races import at_once, without_row_locks, without_trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from payments.models import Capture

pytestmark = pytest.mark.django_db(transaction=True)


def giving_back(capture: Capture) -> Callable[[], Refund]:
    person = people.finance()
    return lambda: asked(capture, 2, by=person)


def pieces() -> int:
    return int(RefundLine.objects.aggregate(sum=Sum("quantity"))["sum"] or 0)


def test_many_who_give_the_same_pieces_back_at_once_give_them_back_once() -> None:
    capture = paid_capture(invoice=invoice_of(SOLD))

    results = at_once([giving_back(capture) for _ in range(6)])

    assert sum(isinstance(result, Refund) for result in results) == 1
    assert pieces() == 2


def test_the_database_alone_gives_no_piece_back_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    capture = paid_capture(invoice=invoice_of(SOLD))

    with without_row_locks(monkeypatch):
        at_once([giving_back(capture) for _ in range(6)])

    assert pieces() == 2


def test_without_lock_and_trigger_a_piece_would_go_back_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = paid_capture(invoice=invoice_of(SOLD))

    with (
        without_row_locks(monkeypatch),
        without_trigger("payments_refundline", "payments_refundline_limit"),
    ):
        at_once([giving_back(capture) for _ in range(6)])

    assert pieces() > 3
