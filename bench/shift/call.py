"""One call: who takes it, who is on the line, and what every call has in common."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.shift.figures import GOALS, Figure
from core.money import Money, format_money
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from bench.shift.desk import Desk
    from bench.shift.stage import Stage

FIBRE = 7_990
RECEIVED_AT = """
    SELECT extract(epoch FROM max(event.received_at))::float
      FROM payments_webhookevent event
      JOIN payments_paymentattempt attempt ON attempt.public_id = event.our_id
      JOIN payments_paymentintent intent ON intent.id = attempt.intent_id
     WHERE intent.public_id = %s AND event.kind = %s
"""


def euros(amount: int) -> str:
    """An amount as the pages of the shift write it."""
    return format_money(Money(amount, "EUR"), "en")


@dataclass
class Call:
    """What an act is given. `caller` owes 184.90 euros, and nobody has touched them yet."""

    stage: Stage
    who: str
    kind: str
    caller: world.Caller
    rang_at: float = 0
    is_ordinary: bool = False
    worked_s: float = 0
    others: list[Desk] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return self.stage.desk(self.who)

    @property
    def shop(self) -> Any:
        return self.stage.shop

    def note(self, figure: Figure, value: float) -> None:
        """Note a value, and say so where it alone is beyond the goal."""
        figures = self.stage.figures
        figures.note(figure, value)
        if value > GOALS[figure].limit:
            figures.remarks.append(f"{figure}: {value:.2f}")

    def look(self, what: str = "") -> None:
        """Let axe look at the agent's page."""
        self.stage.look(self.desk.page, f"{self.kind} {what}".strip())

    # The telephone

    def ring(self) -> None:
        """Ring, see the customer's page open by itself with what is owed, and answer."""
        desk = self.desk
        desk.go_home()
        self.rang_at = desk.phone.ring(self.caller.phone)
        desk.page.wait_for_url(f"**{self.caller.page}**")
        desk.page.locator(".owed").wait_for()
        seen_at = desk.page.wait_for_function("() => window.firstSeen['.owed']").json_value()
        self.note(Figure.RING, seen_at / 1_000 - self.rang_at)
        self.answer()

    def ring_unknown(self, number: str) -> None:
        """Ring with a number that names nobody, or several, or none; and answer."""
        desk = self.desk
        desk.go_home()
        self.rang_at = desk.phone.ring(number)
        desk.page.locator(".call-pop").wait_for()
        self.answer()

    def answer(self) -> None:
        self.desk.phone.press("answer")
        self.desk.page.locator(".call.answered").wait_for()

    def end(self) -> None:
        """Hang up, and save what the wrap-up proposes."""
        desk = self.desk
        ended_at = desk.hang_up()
        with desk.keys.counting() as count:
            desk.save_wrap_up()
        self.note(Figure.WRAP_UP_TIME, time.time() - ended_at)
        if self.is_ordinary:
            self.note(Figure.WRAP_UP_KEYS, count.keys)
        if self.is_ordinary and self.worked_s:
            self.note(Figure.OWN_WORK, self.worked_s + count.seconds)

    # The link

    def send_link(self) -> str:
        """L, Enter. Returns the address that came to the customer's phone."""
        desk = self.desk
        with desk.keys.counting() as count:
            desk.press("l")
            sent_at = time.time()
            desk.confirm("[data-key=l]")
        desk.page.locator(".rail-story .steps li").first.wait_for()
        self.worked_s = count.seconds + time.time() - sent_at
        self.note(Figure.LINK_KEYS, count.keys)
        address = acting.link_sent_to(self.shop, self.caller)
        self.note(Figure.GATEWAY, time.time() - sent_at)
        return address

    def see_paid(self, amount: int = acting.OWED) -> None:
        """Wait until the rail says that the money came, and how soon after the webhook."""
        told_at = self.desk.told_at(euros(amount))
        self.note(Figure.PAID, told_at - self.rang_at)
        heard_at = self.received_at("capture.succeeded")
        self.note(Figure.RAIL, max(0.0, told_at - heard_at))

    def received_at(self, kind: str) -> float:
        """When the newest webhook of a kind came about the caller's payment (epoch)."""
        intent = self.intent()["id"]
        found: float = wait_for(lambda: self.stage.read(RECEIVED_AT, intent, kind)[0][0])
        return found

    def intent(self) -> dict[str, Any]:
        """The caller's newest payment."""
        found: dict[str, Any] = self.intents()[0]
        return found

    def intents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.rows("payment-intents", customer=self.caller.id)
        return found

    # What happened before the call

    def paid_before(self, amount: int = FIBRE) -> world.Asked:
        """The caller paid an invoice, or both, some time before the call."""
        invoices = self.caller.invoices[:1] if amount == FIBRE else self.caller.invoices
        intent = self.shop.post(
            "payment-intents",
            customer=self.caller.id,
            amount=amount,
            currency="EUR",
            invoices=list(invoices),
        )
        session = self.shop.post("checkout-sessions", payment_intent=intent["id"])
        asked = world.Asked(intent["id"], session["id"], session["url"])
        world.pay(self.shop, asked)
        return asked


def pay_from_elsewhere(call: Call, address: str, card: str = world.GOOD) -> None:
    """Pay by card and close the browser at once: nobody comes back to our page."""
    asked = world.Asked("", "", address)
    world.enter_card(call.shop, world.choose(call.shop, asked, "card"), card)
