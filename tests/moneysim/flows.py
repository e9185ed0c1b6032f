"""The flows of money that are crashed at every yield point: each prepares, then does one thing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from core.money import Money
from payments.models import PaymentMethod
from payments.services.taking import Asked, charge
from tests.moneysim.plays import Play, unless_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.moneysim.actors import Actor


class Flow(Play):
    """A play that says from when on it may be crashed."""

    is_on = False

    def from_here(self) -> None:
        """What comes now is crashed."""
        self.is_on = True

    def whole(self, intent: dict[str, Any] | None, statuses: set[str]) -> dict[str, Any]:
        """What must have happened before the flow begins."""
        if intent is None or not self.awaits(intent, statuses):
            raise RuntimeError("the flow could not be prepared")
        return intent

    def refund(self, intent: dict[str, Any], amount: int) -> None:
        body = {"payment_intent": intent["id"], "amount": amount, "reason": "agreed"}
        self.world.shop.post("refunds", {**body, "credit_note": True}, key=self.key("refund"))


def pay_by_link(flow: Flow) -> None:
    flow.from_here()
    flow.paid()


def allocation(flow: Flow) -> None:
    """Money for two invoices arrives while both can be seen."""
    intent = flow.intent(part=flow.owed - 1)
    browser = flow.link(intent) if intent else None
    page = flow.page(browser) if browser else None
    flow.from_here()
    if page is not None and browser is not None:
        flow.pay(page)
        browser.come_back(flow.world.door_of(page).bank.payments[page].our_id)


def webhook(flow: Flow) -> None:
    """The customer pays and leaves; the delivery alone tells of it."""
    intent = flow.intent()
    browser = flow.link(intent) if intent else None
    page = flow.page(browser) if browser else None
    flow.from_here()
    if page is not None:
        flow.pay(page)


def refund_elsewhere(flow: Flow) -> None:
    """Somebody refunds in the provider's dashboard: one delivery is all that ever tells of it."""
    flow.whole(flow.paid(), {"succeeded"})
    bank = flow.world.couriers[0].door.bank
    (payment,) = bank.payments.values()
    flow.from_here()
    bank.refund(payment, "", flow.owed // 4, payment.of("capture")[0].id)


def saved_method(flow: Flow) -> None:
    flow.whole(flow.paid(keep=True), {"succeeded"})
    method = PaymentMethod.objects.get(customer=flow.customer)
    flow.from_here()
    _charge(flow, method)


def capture(flow: Flow) -> None:
    intent = flow.whole(flow.paid(is_manual=True), {"requires_capture"})
    flow.from_here()
    path = f"payment-intents/{intent['id']}/capture"
    flow.world.shop.post(path, {"amount": flow.owed // 3}, key=flow.key("part"))
    flow.awaits(intent, {"partially_paid"})
    flow.world.shop.post(path, {}, key=flow.key("rest"))


def cancel(flow: Flow) -> None:
    intent = flow.whole(flow.paid(is_manual=True), {"requires_capture"})
    flow.from_here()
    flow.world.shop.post(f"payment-intents/{intent['id']}/cancel", {}, key=flow.key("cancel"))


def refund_full(flow: Flow) -> None:
    intent = flow.whole(flow.paid(), {"succeeded"})
    flow.from_here()
    flow.refund(intent, flow.owed)


def refund_part(flow: Flow) -> None:
    intent = flow.whole(flow.paid(), {"succeeded"})
    flow.from_here()
    flow.refund(intent, flow.owed // 4)


def resolver(flow: Flow) -> None:
    """An answer was lost, and nothing else tells of it: what became of it is found out."""
    flow.world.faults.rates["webhook_lost"] = 1.0
    intent = flow.whole(flow.paid(), {"succeeded"})
    flow.world.faults.planned.append("lost_answer")
    flow.refund(intent, flow.owed // 4)
    flow.world.kernel.wait(lambda: not flow.world.faults.planned, 60)
    flow.world.kernel.sleep(20)
    flow.from_here()
    _sweep(flow)


def sweep(flow: Flow) -> None:
    """Everything that bells forgot: a payment nobody told of, a link whose time is over."""
    flow.world.faults.rates |= {"webhook_lost": 1.0, "task_lost": 1.0}
    flow.paid()
    flow.world.kernel.sleep(90)
    flow.from_here()
    _sweep(flow)


def _sweep(flow: Flow) -> None:
    flow.world.broker.deliver("payments.tasks.sweep")


def _charge(flow: Flow, method: PaymentMethod) -> Actor:
    """The agent clicks, and clicks again on the same form where the page breaks off."""
    asked = Asked(
        customer_id=flow.customer.pk,
        invoice_ids=[],
        amount=Money(700, "EUR"),
        allows_surplus=True,
    )
    act = partial(
        unless_refused,
        charge,
        asked,
        method=method,
        actor=flow.world.agent,
        public_id="pi_0000000000000000form",
    )
    return flow.world.kernel.spawn("desk", act, on_crash=lambda: _again(flow, method))


def _again(flow: Flow, method: PaymentMethod) -> None:
    _charge(flow, method)


FLOWS: dict[str, Callable[[Flow], None]] = {
    one.__name__: one
    for one in (
        pay_by_link,
        saved_method,
        capture,
        cancel,
        refund_full,
        refund_part,
        refund_elsewhere,
        webhook,
        resolver,
        sweep,
        allocation,
    )
}
