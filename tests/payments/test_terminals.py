"""Card terminals: the amount is pushed to one, and the customer pays there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from core.ids import make_public_id
from payments import errors
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderAccount,
    ProviderOperation,
    Terminal,
)
from payments.services import accounts, operations, reading, resolver, terminals
from payments.services.verifying import differences
from tests.factories import core as people
from tests.factories.desk import Desk as Panel
from tests.factories.payments import PaymentIntentFactory, ProviderAccountFactory
from tests.payments.test_keyed import nothing_is_asked
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


class Counter:
    """An agent at a counter with a card terminal."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.panel = Panel(people.agent())
        self.account = ProviderAccountFactory.create(credentials=sandbox.credentials)
        self.terminal = Terminal.objects.create(
            account=self.account, reference="counter-1", label="Counter 1"
        )
        accounts.forget()
        self.touch(cancel="yes")  # Whatever another test has left standing there.

    def push(self, **changes: Any) -> Any:
        fields = {
            "operation": make_public_id("op"),
            "currency": "EUR",
            "items": [self.panel.fibre.public_id],
            "amount": "€79.90",
            "terminal": self.terminal.public_id,
            **changes,
        }
        path = f"/customers/{self.panel.customer.public_id}/pay/terminal/push/"
        answer = self.panel.post(path, fields)
        operations.drain()
        return answer

    def touch(self, **act: str) -> None:
        self.sandbox.at_terminal("counter-1", **act)

    def read(self) -> None:
        PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=timezone.now())
        reading.drain()

    @property
    def intent(self) -> PaymentIntent:
        return PaymentIntent.objects.get()


@pytest.fixture
def counter(sandbox: SandboxServer) -> Counter:
    return Counter(sandbox)


def test_an_amount_is_pushed_and_paid_at_the_terminal(counter: Counter) -> None:
    answer = counter.push()
    waiting = counter.panel.page()
    counter.touch(card="4242424242424242")
    counter.read()
    typing = counter.panel.page()
    counter.touch(pin="yes")
    counter.read()

    assert answer.status_code == 200
    assert "The terminal waits for a card…" in waiting
    assert "The customer types the PIN…" in typing
    assert counter.intent.status == "succeeded"
    assert CheckoutSession.objects.get().status == "paid"
    assert list(differences()) == []


def test_the_form_names_the_terminals(counter: Counter) -> None:
    path = f"/customers/{counter.panel.customer.public_id}/pay/terminal/"

    page = counter.panel.get(path).content.decode()

    assert "Counter 1" in page
    assert "Card terminal" in counter.panel.page()
    assert nothing_is_asked()


def test_a_decline_and_a_cancel_at_the_reader_are_told(counter: Counter) -> None:
    counter.push()
    counter.touch(card="4000000000009995")
    counter.touch(pin="yes")
    counter.read()
    declined = counter.panel.page()
    counter.push()
    counter.touch(cancel="yes")
    counter.read()

    assert "Nothing was charged" in declined
    assert "The terminal is free. Nothing was charged" in counter.panel.page()
    assert [one.status for one in PaymentAttempt.objects.order_by("pk")] == [
        "declined",
        "canceled",
    ]


def test_the_agent_takes_it_off_again(counter: Counter) -> None:
    counter.push()

    counter.panel.act(counter.intent, "cancel")
    operations.drain()

    assert counter.intent.status == "canceled"
    assert PaymentAttempt.objects.get().status == "canceled"
    assert CheckoutSession.objects.get().status == "closed"


def test_a_terminal_that_is_off_is_told_and_nothing_is_blocked(counter: Counter) -> None:
    counter.touch(switch="yes")
    try:
        counter.push()
    finally:
        counter.touch(switch="yes")

    assert PaymentAttempt.objects.get().status == "not_executed"
    assert not counter.intent.blocked_by_unknown
    assert counter.push().status_code == 200


def test_a_lost_push_blocks_until_the_provider_has_spoken(counter: Counter) -> None:
    counter.sandbox.next_fault("error_after", "push")
    counter.push()
    blocked = counter.intent.blocked_by_unknown
    link = counter.panel.take(
        items=[counter.panel.fibre.public_id], amount="€79.90", shown="€79.90"
    )

    ProviderOperation.objects.filter(status="unknown").update(
        resolve_at=timezone.now(), lease_until=None
    )
    resolver.run()

    assert blocked
    assert link.status_code == 409
    assert not counter.intent.blocked_by_unknown
    assert ProviderOperation.objects.get().status == "done"


def test_one_payment_at_a_time_stands_on_a_terminal(counter: Counter) -> None:
    counter.push()
    other = PaymentIntentFactory.create(amount=500)

    with pytest.raises(errors.TerminalBusy):
        terminals.push(intent_id=other.pk, terminal=counter.terminal, actor=counter.panel.user)

    assert CheckoutSession.objects.count() == 1


def test_two_would_stand_there_without_looking_but_for_the_index(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.push()
    other = PaymentIntentFactory.create(amount=500)
    monkeypatch.setattr(terminals, "_refuse_busy", lambda *_: None)

    with pytest.raises(errors.TerminalBusy):
        terminals.push(intent_id=other.pk, terminal=counter.terminal, actor=counter.panel.user)

    assert CheckoutSession.objects.filter(status="open").count() == 1


def test_twice_pressed_is_one_push(counter: Counter) -> None:
    operation = make_public_id("op")

    for _ in range(2):
        counter.push(operation=operation)
    counter.push()

    assert ProviderOperation.objects.filter(kind="push").count() == 1


def test_a_terminal_that_is_not_offered_is_refused(counter: Counter) -> None:
    Terminal.objects.update(is_active=False)
    accounts.forget()

    answer = counter.push()

    assert answer.status_code == 409
    assert "Card terminal" not in counter.panel.page()
    assert nothing_is_asked()


def test_who_practises_is_offered_no_terminal_of_the_house(counter: Counter) -> None:
    assert terminals.offered("EUR", is_practice=True) == []
    assert terminals.offered("EUR") == [counter.terminal]


def test_accounts_without_terminals_offer_none(counter: Counter) -> None:
    ProviderAccount.objects.update(methods=["mobilepay"])
    accounts.forget()

    assert terminals.offered("EUR") == []
    assert counter.push().status_code == 409
    assert nothing_is_asked()


def test_what_is_done_with_the_money_afterwards_is_not_the_terminals_business(
    counter: Counter,
) -> None:
    counter.push()
    counter.touch(card="4242424242424242")
    counter.touch(pin="yes")
    counter.read()

    answer = counter.panel.act(
        counter.intent, "refund", capture=_capture(), amount="5", reason="late"
    )
    operations.drain()

    counter.intent.refresh_from_db()
    assert answer.status_code == 200
    assert counter.intent.refunded == 500


def _capture() -> str:
    attempt = PaymentAttempt.objects.get()
    return str(attempt.captures.get().public_id)
