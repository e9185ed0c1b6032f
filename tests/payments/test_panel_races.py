"""The agent's panels pressed many times at once, each guard with its anti-test.

Two guards stand behind every button: the id its form was rendered with, which makes many
presses one act, and the row locks beneath, which hold where two people press. An anti-test
takes a guard away and shows the harm: it proves that the race is really run.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from core.idempotency import Reservation
from core.ids import make_public_id
from core.models import AuditEvent
from crm.models import OutgoingMessage, TimelineEntry
from payments.models import CheckoutSession, PaymentEvent, PaymentIntent, ProviderOperation, Refund
from payments.services import refunds as refund_service
from payments.views import panels, rail, refunds
from tests.clients import signed_in
from tests.factories.core import agent
from tests.factories.desk import HTMX, Desk
from tests.factories.payments import paid_capture
from tests.orders.threads import race
from tests.payments.test_races import without_row_locks, without_trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

CLICKS = 12


@pytest.fixture
def desk() -> Desk:
    return Desk()


def press(desk: Desk, path: str, fields: dict[str, Any], *, same_form: bool = True) -> list[int]:
    """Press a button many times at once: one agent on one form, or agents with one form each."""
    if same_form:
        return race([partial(answer, desk.browser(), path, fields) for _ in range(CLICKS)])
    forms = [{**fields, "operation": make_public_id("op")} for _ in range(CLICKS)]
    return race([partial(answer, signed_in(agent()), path, form) for form in forms])


def answer(browser: Client, path: str, form: dict[str, Any]) -> int:
    browser.raise_request_exception = False
    return int(browser.post(path, form, headers=HTMX).status_code)


@contextmanager
def without_form_ids(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every press be an act of its own, and let all of them begin together."""
    start = Barrier(CLICKS)

    @contextmanager
    def every_time(request: Any, operation: str, *, prefix: str) -> Iterator[Reservation]:
        del request, operation
        start.wait(20)
        with transaction.atomic():
            yield Reservation(make_public_id(prefix), is_replay=False)

    with monkeypatch.context() as patch:
        for view in (panels, rail, refunds):
            patch.setattr(view, "once", every_time)
        yield


# Sending a link


def send(desk: Desk) -> list[int]:
    return press(desk, f"/customers/{desk.customer.public_id}/pay/send/", desk.fields())


def test_many_presses_send_one_message(desk: Desk) -> None:
    answers = send(desk)

    assert set(answers) <= {200, 409}
    assert OutgoingMessage.objects.count() == 1
    assert PaymentIntent.objects.count() == CheckoutSession.objects.count() == 1


def test_without_the_forms_id_each_press_would_send_a_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_form_ids(monkeypatch):
        send(desk)

    assert OutgoingMessage.objects.count() == CLICKS
    assert PaymentIntent.objects.count() == CheckoutSession.objects.count() == 1


def test_without_the_locks_agents_would_ask_for_the_same_many_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `test_two_agents_who_ask_for_the_same_share_one_payment` guards against."""
    with without_form_ids(monkeypatch), without_row_locks(monkeypatch):
        send(desk)

    assert PaymentIntent.objects.count() > 1


# Charging a saved method


def charge(desk: Desk, **how: bool) -> list[int]:
    fields = desk.fields(saved_method=desk.saved_card().public_id, destination="")
    return press(desk, f"/customers/{desk.customer.public_id}/pay/send/", fields, **how)


@pytest.mark.parametrize("same_form", [True, False])
def test_many_presses_charge_a_saved_card_once(desk: Desk, *, same_form: bool) -> None:
    answers = charge(desk, same_form=same_form)

    assert 200 in answers
    assert ProviderOperation.objects.filter(kind="charge").count() == 1


def test_without_the_locks_a_saved_card_would_be_charged_many_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_form_ids(monkeypatch), without_row_locks(monkeypatch):
        charge(desk)

    assert ProviderOperation.objects.filter(kind="charge").count() > 1


# Refunding


def refund(desk: Desk, amount: str, **how: bool) -> list[int]:
    capture = paid_capture(invoice=desk.fibre)
    fields = {
        "operation": make_public_id("op"),
        "capture": capture.public_id,
        "amount": amount,
        "reason": "Delivered late",
    }
    path = f"/payments/{capture.attempt.intent.public_id}/refund/"
    return press(desk, path, fields, **how)


def test_many_presses_refund_a_part_once(desk: Desk) -> None:
    answers = refund(desk, "5")

    assert set(answers) <= {200, 409}
    assert Refund.objects.count() == 1


def test_without_the_forms_id_each_press_would_refund_a_part(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_form_ids(monkeypatch):
        refund(desk, "5")

    assert Refund.objects.count() == CLICKS


def test_without_lock_and_trigger_agents_would_refund_more_than_was_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `test_two_refunds_at_once_never_exceed_what_was_taken` guards against."""
    with (
        without_form_ids(monkeypatch),
        without_row_locks(monkeypatch),
        without_trigger("payments_refund", "payments_refund_limit"),
    ):
        refund(desk, "50", same_form=False)

    assert Refund.objects.count() > 1


def refund_a_day(desk: Desk) -> None:
    """Give 100 euros back on each of twelve payments at once; the day's limit is 500."""
    acts = []
    for _ in range(CLICKS):
        capture = paid_capture(customer=desk.customer)
        form = {
            "operation": make_public_id("op"),
            "capture": capture.public_id,
            "amount": "100",
            "reason": "Delivered late",
        }
        path = f"/payments/{capture.attempt.intent.public_id}/refund/"
        acts.append(partial(answer, desk.browser(), path, form))
    race(acts)


def test_the_limit_of_a_day_holds_at_once(desk: Desk) -> None:
    refund_a_day(desk)

    # What is above the day's limit waits for a second person, and is not sent.
    assert Refund.objects.filter(status="requested").count() == 5


def test_without_a_persons_own_lock_the_limit_of_a_day_would_not_hold(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refund_service, "one_at_a_time", lambda _person: None)

    with without_form_ids(monkeypatch):
        refund_a_day(desk)

    assert Refund.objects.filter(status="requested").count() > 5


# Cancelling


@pytest.fixture
def intent(desk: Desk) -> PaymentIntent:
    return desk.sent()


def cancel(desk: Desk, intent: PaymentIntent, **how: bool) -> list[int]:
    fields = {"operation": make_public_id("op")}
    return press(desk, f"/payments/{intent.public_id}/cancel/", fields, **how)


def times_cancelled() -> list[int]:
    """How often it was told to the ledger of facts, to the audit and on the timeline."""
    return [
        PaymentEvent.objects.filter(status="canceled").count(),
        AuditEvent.objects.filter(action="payment_intent.canceled").count(),
        TimelineEntry.objects.filter(kind="payment_canceled").count(),
    ]


@pytest.mark.parametrize("same_form", [True, False])
def test_many_presses_cancel_once(desk: Desk, intent: PaymentIntent, *, same_form: bool) -> None:
    answers = cancel(desk, intent, same_form=same_form)

    assert set(answers) <= {200, 409}
    assert 200 in answers
    assert times_cancelled() == [1, 1, 1]


def test_without_the_locks_cancels_would_collide(
    desk: Desk, intent: PaymentIntent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database still keeps one: the others would be errors on the agents' screens."""
    with without_form_ids(monkeypatch), without_row_locks(monkeypatch):
        answers = cancel(desk, intent)

    assert 500 in answers
    assert times_cancelled() == [1, 1, 1]
