"""What people and programs want of the product in one schedule: each play is one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from core.errors import DomainError
from core.money import Money
from orders.models import Invoice
from payments.models import PaymentIntent, PaymentMethod
from payments.services.destinations import Destination
from payments.services.taking import Asked, charge, send_link
from tests.moneysim.approving import refund_above_limit
from tests.moneysim.cuts import GONE
from tests.moneysim.deciding import decide_on_unknown
from tests.moneysim.web import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.models import Customer
    from tests.moneysim.world import World

SEND_TO = Destination("sms", "+358401234567", "fi")
METHODS = ("card", "mobilepay")
AWKWARD = (820, 1_999, 6_499, 58_242)
"""Totals that floats do not hold: 8.20 times a hundred is 819.9999999999999."""


@dataclass
class Play:
    """One play of a schedule: its name, its own dice, and what is owed in it."""

    world: World
    name: str
    random: Random
    customer: Customer
    invoices: list[Invoice]
    prepays: int = 0

    @property
    def owed(self) -> int:
        """What is to be paid: the invoices, or an amount before there is any."""
        return self.prepays or sum(invoice.total for invoice in self.invoices)

    def key(self, of: str) -> str:
        return f"{self.name} {of}"

    def pause(self, most: float = 20) -> None:
        self.world.kernel.sleep(round(self.random.random() * most, 3))

    def intent(self, *, is_manual: bool = False, part: int = 0) -> dict[str, Any] | None:
        """Ask for what is owed, or a part of it."""
        body = {
            "customer": self.customer.public_id,
            "amount": part or self.owed,
            "currency": "EUR",
            "invoices": [invoice.public_id for invoice in self.invoices],
            "capture_method": "manual" if is_manual else "automatic",
            "allow_surplus": bool(self.prepays),
        }
        return self.world.shop.post("payment-intents", body, key=self.key("intent"))

    def link(self, intent: dict[str, Any]) -> Browser | None:
        """Ask for a pay link and hold it as its customer does."""
        body = {"payment_intent": intent["id"], "channel": "sms", "destination": "+358401234567"}
        made = self.world.shop.post("checkout-sessions", body, key=self.key("link"))
        return Browser(self.world.web, made["url"]) if made else None

    def page(self, browser: Browser, method: str = "", *, keep: bool = False) -> str | None:
        """Come to a provider's page, trying again as people do."""
        wanted = method or self.random.choice(METHODS)
        for _ in range(4):
            page = browser.choose(wanted, keep=keep) or browser.onward()
            if page is not None:
                return page
            if browser.state() not in {"open", ""}:
                return None
            self.pause(40)
        return None

    def pay(self, page: str) -> bool:
        """Pay on the provider's page, perhaps after a card was refused."""
        door = self.world.door_of(page)
        payment = door.bank.payments[page]
        self.pause(60)
        if door.faults.hit("decline"):
            door.bank.decline(payment)
            self.pause(10)
        return door.bank.pay(payment)

    def paid(self, *, is_manual: bool = False, keep: bool = False) -> dict[str, Any] | None:
        """Pay by link from beginning to end; the intent, where it came to that."""
        intent = self.intent(is_manual=is_manual)
        browser = self.link(intent) if intent else None
        page = self.page(browser, keep=keep) if browser else None
        if page is None or not self.pay(page) or browser is None:
            return None
        browser.come_back(self.world.door_of(page).bank.payments[page].our_id)
        return intent

    def awaits(self, intent: dict[str, Any], statuses: set[str]) -> bool:
        """Wait, as a program does, until the intent stands where it should."""
        for wait in (5, 20, 60, 120, 300):
            shown = self.world.shop.get(f"payment-intents/{intent['id']}")
            if shown is not None and shown["status"] in statuses:
                return True
            self.world.kernel.sleep(wait)
        return False


def pay_by_link(play: Play) -> None:
    play.paid()


def pay_and_look_away(play: Play) -> None:
    """The customer pays and closes the browser: nobody comes back."""
    intent = play.intent()
    browser = play.link(intent) if intent else None
    page = play.page(browser) if browser else None
    if page is not None:
        play.pay(page)


def change_method(play: Play) -> None:
    """Start with one method, then choose another, and pay whatever is open."""
    intent = play.intent()
    browser = play.link(intent) if intent else None
    if browser is None:
        return
    first = play.page(browser, "card")
    play.pause(5)
    second = play.page(browser, "mobilepay")
    for page in (second, first):
        if page is not None:
            play.pay(page)


def double_click(play: Play) -> None:
    """Two clicks on the same method at once, and a page that is paid in two windows."""
    intent = play.intent()
    browser = play.link(intent) if intent else None
    if browser is None:
        return
    again = partial(browser.choose, "card")
    play.world.kernel.spawn(f"{play.name} second click", again, can_crash=False)
    page = play.page(browser, "card")
    if page is not None:
        play.pay(page)


def two_links(play: Play) -> None:
    """An agent sends a second link while the first one may still be paid."""
    intent = play.intent()
    browser = play.link(intent) if intent else None
    if intent is None or browser is None:
        return
    first = play.page(browser)
    body = {"payment_intent": intent["id"], "replace_open_page": True}
    made = play.world.shop.post("checkout-sessions", body, key=play.key("second link"))
    second = play.page(Browser(play.world.web, made["url"])) if made else None
    for page in (first, second):
        if page is not None:
            play.pay(page)


def capture_in_parts(play: Play) -> None:
    """Reserve; take a part, and the rest or let it go: one after the other, or both at once."""
    intent = play.paid(is_manual=True)
    if intent is None or not play.awaits(intent, {"requires_capture"}):
        return
    path, kernel, dice = f"payment-intents/{intent['id']}", play.world.kernel, play.random
    acts: list[tuple[str, dict[str, int]]] = [("capture", {"amount": play.owed // 3})]
    acts.insert(dice.randrange(2), (dice.choice(("capture", "cancel")), {}))
    first, second = (
        partial(play.world.shop.post, f"{path}/{verb}", body, key=play.key(f"act {place}"))
        for place, (verb, body) in enumerate(acts)
    )
    acting = kernel.spawn(f"{play.name} first", first, can_crash=False)
    how = dice.randrange(3)
    if how == 0:
        kernel.wait(lambda: acting.is_done)
    play.pause((20, 1, 0)[how])
    second()


def cancel_meanwhile(play: Play) -> None:
    """One calls a payment off while a colleague takes a part of it, or the other way round."""
    intent = play.paid(is_manual=True)
    if intent is None or not play.awaits(intent, {"requires_capture"}):
        return
    path, shop = f"payment-intents/{intent['id']}", play.world.shop
    taking = partial(shop.post, f"{path}/capture", {"amount": play.owed // 3}, key=play.key("take"))
    ending = partial(shop.post, f"{path}/cancel", {}, key=play.key("end"))
    first, second = play.random.choice([(taking, ending), (ending, taking)])
    play.world.kernel.spawn(f"{play.name} colleague", first, can_crash=False)
    play.pause(2)
    second()


def cancel(play: Play) -> None:
    """Call a payment off, wherever it stands."""
    is_manual = play.random.random() < 0.5
    intent = play.paid(is_manual=True) if is_manual else play.intent()
    if intent is None:
        return
    play.pause(60)
    path = f"payment-intents/{intent['id']}/cancel"
    play.world.shop.post(path, {}, key=play.key("cancel"))


def refund_fully(play: Play) -> None:
    intent = play.paid()
    if intent is not None and play.awaits(intent, {"succeeded"}):
        _refund(play, intent, play.owed, "full", credit=play.random.random() < 0.5)


def refund_in_parts(play: Play) -> None:
    """Two agents give back parts at once; together they want more than there is."""
    intent = play.paid()
    if intent is None or not play.awaits(intent, {"succeeded"}):
        return
    part = play.owed * 2 // 5
    others = [
        play.world.kernel.spawn(
            f"{play.name} agent", partial(_refund, play, intent, part, f"{n}"), can_crash=False
        )
        for n in range(3)
    ]
    play.world.kernel.wait(lambda: all(one.is_done for one in others))
    _refund(play, intent, play.owed, "too much")


def dashboard_refund(play: Play) -> None:
    """Somebody refunds in the provider's own dashboard, we refund too, the bank disputes."""
    intent = play.paid()
    if intent is None or not play.awaits(intent, {"succeeded"}):
        return
    payments = [p for d in play.world.couriers for p in d.door.bank.payments.values()]
    ours = [p for p in payments if p.of("capture") and p.amount == play.owed]
    for payment in ours[:1]:
        bank = next(c.door.bank for c in play.world.couriers if payment.id in c.door.bank.payments)
        bank.refund(payment, "", play.owed // 4, payment.of("capture")[0].id)
        if play.random.random() < 0.3:
            bank.dispute(payment)
    _refund(play, intent, play.owed // 4, "ours")


def refund_elsewhere(play: Play) -> None:
    """Somebody refunds in the dashboard, and one delivery is all that ever tells of it."""
    intent = play.paid()
    if intent is None or not play.awaits(intent, {"succeeded"}):
        return
    for bank in [courier.door.bank for courier in play.world.couriers]:
        for payment in bank.payments.values():
            if payment.of("capture") and payment.amount == play.owed:
                bank.refund(payment, "", play.owed // 4, payment.of("capture")[0].id)
                return


def two_reservations(play: Play) -> None:
    """Money for the same invoices is reserved twice, and then all of it is taken at once."""
    kernel, shop = play.world.kernel, play.world.shop
    other = replace(play, name=f"{play.name} other", random=Random(f"{play.name} other"))
    held: list[dict[str, Any]] = []

    def reserve(one: Play) -> None:
        intent = one.paid(is_manual=True)
        if intent is not None and one.awaits(intent, {"requires_capture"}):
            held.append(intent)

    reserving = kernel.spawn(other.name, partial(reserve, other), can_crash=False)
    reserve(play)
    kernel.wait(lambda: reserving.is_done)
    for intent in held:
        path = f"payment-intents/{intent['id']}/capture"
        taking = partial(shop.post, path, {}, key=play.key(f"take {intent['id']}"))
        kernel.spawn(f"{play.name} taking", taking, can_crash=False)


def charge_again(play: Play) -> None:
    """Pay once and keep the card; then the agent charges it, twice by mistake."""
    if play.paid(keep=True) is None:
        return
    kernel = play.world.kernel
    for _ in range(10):
        kernel.sleep(30)
        method = PaymentMethod.objects.filter(customer=play.customer).first()
        if method is not None:
            break
    else:
        return
    asked = Asked(customer_id=play.customer.pk, invoice_ids=[], amount=Money(700, "EUR"))
    for _ in range(2):
        act = partial(_charge, play, asked, method)
        kernel.spawn(f"{play.name} desk", act)


def one_invoice_twice(play: Play) -> None:
    """Two people pay the same invoices at once, each by a payment of their own."""
    other = replace(play, name=f"{play.name} other", random=Random(f"{play.name} other"))
    paying = play.world.kernel.spawn(other.name, other.paid, can_crash=False)
    play.paid()
    play.world.kernel.wait(lambda: paying.is_done)


def two_agents(play: Play) -> None:
    """Two agents send a link for the same invoices at once: the customer gets one payment."""
    asked = Asked(
        customer_id=play.customer.pk,
        invoice_ids=[invoice.pk for invoice in play.invoices],
        amount=Money(play.owed, "EUR"),
    )
    for _ in range(2):
        act = partial(unless_refused, send_link, asked, destination=SEND_TO, actor=play.world.agent)
        play.world.kernel.spawn(f"{play.name} desk", act)


def _charge(play: Play, asked: Asked, method: PaymentMethod) -> None:
    wanted = Asked(
        customer_id=asked.customer_id,
        invoice_ids=[],
        amount=asked.amount,
        allows_surplus=True,
    )
    unless_refused(charge, wanted, method=method, actor=play.world.agent)


def unless_refused(act: Callable[..., PaymentIntent], *arguments: Any, **named: Any) -> None:
    try:
        act(*arguments, **named)
    except (DomainError, *GONE):
        return


def _refund(
    play: Play, intent: dict[str, Any], amount: int, which: str, *, credit: bool = False
) -> None:
    body = {
        "payment_intent": intent["id"],
        "amount": amount,
        "reason": "agreed",
        "credit_note": credit,
    }
    play.world.shop.post("refunds", body, key=play.key(f"refund {which}"))


PLAYS: dict[str, Callable[[Play], None]] = {
    one.__name__: one
    for one in (
        pay_by_link,
        pay_and_look_away,
        change_method,
        double_click,
        two_links,
        capture_in_parts,
        cancel_meanwhile,
        cancel,
        refund_fully,
        refund_in_parts,
        dashboard_refund,
        refund_elsewhere,
        refund_above_limit,
        two_reservations,
        charge_again,
        one_invoice_twice,
        two_agents,
    )
}

ON_DEMAND: dict[str, Callable[[Play], None]] = {"decide_on_unknown": decide_on_unknown}
"""Plays that only a situation asks for: a seed draws none of them."""

OFTEN = {"capture_in_parts": 3, "refund_in_parts": 2, "dashboard_refund": 2, "one_invoice_twice": 2}
"""Plays in which several hands move the same money are drawn more often."""


def begin(world: World, name: str, label: str, seed: object) -> None:
    """Give a play its customer and what is owed, and let it begin."""
    dice = Random(f"{label}:{seed}")
    customer = world.customer()
    totals = [_total(dice) for _ in range(dice.choice((1, 1, 2)))]
    prepays = _total(dice) if dice.random() < 0.25 and name != "two_agents" else 0
    invoices = [] if prepays else [world.invoice(customer, total) for total in totals]
    play = Play(world, label, dice, customer, invoices, prepays)
    world.wishes.append(label)
    act = partial({**PLAYS, **ON_DEMAND}[name], play)
    world.kernel.spawn(label, act, after=dice.random() * 5, can_crash=False)


def _total(dice: Random) -> int:
    return dice.choice(AWKWARD) if dice.random() < 0.3 else dice.randrange(500, 20_000)
