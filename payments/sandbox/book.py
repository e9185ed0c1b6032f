"""Everything that can happen to a payment, each with its effect, its event and its timers.

The caller opens the transaction. Amounts are minor units, instants seconds since 1970.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from payments.sandbox import settlement
from payments.sandbox.cards import EXPIRES, DemoCard, card_by_last4
from payments.sandbox.ledger import (
    METHODS,
    PREFIXES,
    Movement,
    MovementKind,
    Order,
    Payment,
    Refusal,
    Refused,
    make_id,
)

if TYPE_CHECKING:
    from payments.sandbox.store import Store

DAY_S = 86_400


class Book:
    """The only writer of payments. `later_s` is how long delayed consequences take."""

    def __init__(self, store: Store, *, later_s: float = 3) -> None:
        self.store = store
        self.later_s = later_s

    # What the merchant asks for.

    def open_checkout(self, order: Order) -> Payment:
        payment = self._new(order, page=make_id("page"))
        self.store.save(payment)
        self.store.add_timer(payment.expires_at, "expire", payment.id)
        return payment

    def listen(self, order: Order, *, callback_url: str) -> Payment:
        """Begin to listen on a phone: there is a keypad, and no page."""
        payment = self._new(order, page="")
        payment.keypad, payment.callback_url = make_id("keypad"), callback_url
        self.store.save(payment)
        self.store.add_timer(payment.expires_at, "expire", payment.id)
        return payment

    def show_on(self, order: Order, reader: str) -> Payment:
        """Show an amount on a card terminal, which waits for a card."""
        payment = self._new(order, page="")
        payment.reader, payment.asked = reader, "card"
        self.store.save(payment)
        self.store.add_timer(payment.expires_at, "expire", payment.id)
        return payment

    def charge(self, order: Order, *, token: str, is_off_session: bool) -> Payment:
        """Charge a saved method at once; a decline is a payment that is `declined`."""
        row = self.store.row("SELECT * FROM method WHERE token = ?", token)
        card = card_by_last4(row["last4"]) if row else None
        if row is None or card is None or row["customer"] != order.customer:
            raise Refused("method_unknown", "There is no such saved method.", 404)
        payment = self._new(order, page="")
        payment.token = token
        self._describe(payment, card)
        decline = card.decline or (card.off_session_decline if is_off_session else "")
        if decline:
            return self._decline_for_good(payment, decline)
        return self._authorise(payment, card)

    def capture(self, payment: Payment, *, amount: int, our_id: str) -> Payment:
        if not 0 < amount <= payment.capturable:
            raise Refused("capture_exceeds_authorisation", "Less than that can be captured.")
        self._capture(payment, amount, our_id)
        self.store.save(payment)
        return payment

    def cancel(self, payment: Payment, *, amount: int, our_id: str) -> Payment:
        if not 0 < amount <= payment.capturable:
            raise Refused("nothing_to_cancel", "Less than that is authorised and not captured.")
        self._move(payment, "cancellations", amount=amount, our_id=our_id)
        self.announce("cancellation.succeeded", payment)
        self.store.save(payment)
        return payment

    def refund(
        self, payment: Payment, *, amount: int, capture_id: str = "", our_id: str = ""
    ) -> Payment:
        """Give money back from one capture, or from the first that still has as much."""
        capture = self._refundable(payment, amount, capture_id)
        card = card_by_last4(payment.last4) if payment.method == "card" else None
        later = card.later if card else ""
        refund = self._move(
            payment,
            "refunds",
            amount=amount,
            our_id=our_id,
            capture=capture.id,
            status="pending" if later == "slow_refund" else "succeeded",
        )
        settlement.add_line(self.store, payment, "refund", refund, sign=-1)
        self.announce(f"refund.{refund.status}", payment)
        if later in {"slow_refund", "failing_refund"}:
            self.store.add_timer(time.time() + self.later_s, later, payment.id, refund.id)
        self.store.save(payment)
        return payment

    def close(self, payment: Payment) -> Payment:
        """Make the hosted page unpayable. What is paid, or closed, stays as it is."""
        if payment.status == "open":
            self._end(payment, "canceled")
        return payment

    # What the customer does on the hosted page.

    def pay_with_card(self, payment: Payment, card: DemoCard, *, is_authenticated: bool) -> Payment:
        """Pay, be declined, or be asked for the 3-D Secure step (`challenge` is then set).

        A phone order that the merchant keys is never asked: nobody is there to answer.
        """
        self._must_be_open(payment)
        if card.is_challenged and not (is_authenticated or payment.is_keyed):
            payment.challenge = card.number
            self.store.save(payment)
            return payment
        payment.challenge = ""
        if card.decline:
            return self.decline(payment, card.decline)
        self._describe(payment, card)
        if payment.saves_method:
            self._save_method(payment, card)
        return self._authorise(payment, card)

    def pay_once(self, payment: Payment, card: DemoCard) -> Payment:
        """Pay, or be declined for good: another try is another payment."""
        if card.decline:
            return self._decline_for_good(payment, card.decline)
        return self.pay_with_card(payment, card, is_authenticated=True)

    def approve(self, payment: Payment) -> Payment:
        """Pay by a method that needs nothing but a yes."""
        self._must_be_open(payment)
        return self._authorise(payment, None)

    def decline(self, payment: Payment, code: str) -> Payment:
        """Note a try that failed. The page can still be paid."""
        self._must_be_open(payment)
        payment.challenge = ""
        payment.refusals.append(Refusal(make_id("try"), code, time.time()))
        self.announce("payment.try_declined", payment)
        self.store.save(payment)
        return payment

    # What happens by itself, or at the provider.

    def expire(self, payment: Payment) -> None:
        if payment.status == "open":
            self._end(payment, "expired")

    def settle_refund(self, payment: Payment, refund_id: str, status: str) -> None:
        """Let a refund succeed late, or fail after it had succeeded."""
        refund = payment.movement(refund_id)
        refund.become(status, time.time(), "" if status == "succeeded" else "account_closed")
        if status == "failed":
            settlement.add_line(self.store, payment, "refund_failure", refund, sign=1)
        self.announce(f"refund.{status}", payment)
        self.store.save(payment)

    def open_dispute(self, payment: Payment) -> None:
        """Take back what is left of the payment's first capture, as a card holder's bank does."""
        capture = next((one for one in payment.captures if payment.left_of(one) > 0), None)
        if capture is None:
            raise Refused("nothing_to_dispute", "Nothing of this payment is left.")
        dispute = self._move(
            payment,
            "disputes",
            amount=payment.left_of(capture),
            capture=capture.id,
            status="needs_response",
            code="fraudulent",
        )
        settlement.add_line(self.store, payment, "dispute", dispute, sign=-1)
        self.announce("dispute.opened", payment)
        self.store.save(payment)

    def close_dispute(self, payment: Payment, dispute_id: str, *, is_won: bool) -> None:
        dispute = payment.movement(dispute_id)
        if dispute.status in {"won", "lost"}:
            raise Refused("dispute_closed", "The dispute is already decided.")
        dispute.become("won" if is_won else "lost", time.time(), dispute.code)
        if is_won:
            settlement.add_line(self.store, payment, "dispute_reversal", dispute, sign=1)
        self.announce(f"dispute.{dispute.status}", payment)
        self.store.save(payment)

    def _new(self, order: Order, *, page: str) -> Payment:
        if order.amount <= 0:
            raise Refused("amount_invalid", "The amount must be more than zero.")
        if order.method not in METHODS:
            raise Refused("method_unsupported", f"There is no method {order.method!r}.")
        now = time.time()
        return Payment(
            id=make_id("pay"),
            our_id=order.our_id,
            page=page,
            status="open",
            amount=order.amount,
            currency=order.currency,
            method=order.method,
            description=order.description,
            language=order.language,
            return_url=order.return_url,
            cancel_url=order.cancel_url,
            created_at=now,
            changed_at=now,
            expires_at=order.expires_at or now + DAY_S,
            is_manual=order.is_manual,
            saves_method=order.saves_method,
            is_keyed=order.is_keyed,
            customer=order.customer,
            notify_url=order.notify_url,
        )

    def _authorise(self, payment: Payment, card: DemoCard | None) -> Payment:
        payment.become("authorised", time.time())
        self._effect(payment, "authorisation", payment.id, payment.our_id, payment.amount)
        self.announce("payment.authorised", payment)
        if not payment.is_manual:
            self._capture(payment, payment.amount, "")
        if card is not None and card.later == "dispute":
            self.store.add_timer(time.time() + self.later_s, "dispute", payment.id)
        self.store.save(payment)
        return payment

    def _decline_for_good(self, payment: Payment, code: str) -> Payment:
        payment.become("declined", time.time(), code)
        self.announce("payment.declined", payment)
        self.store.save(payment)
        return payment

    def _capture(self, payment: Payment, amount: int, our_id: str) -> None:
        capture = self._move(payment, "captures", amount=amount, our_id=our_id)
        settlement.add_line(self.store, payment, "capture", capture, sign=1)
        self.announce("capture.succeeded", payment)

    def _move(
        self, payment: Payment, kind: MovementKind, *, amount: int, our_id: str = "", **fields: str
    ) -> Movement:
        now = time.time()
        movement = Movement(
            id=make_id(PREFIXES[kind]),
            our_id=our_id,
            status=fields.get("status", "succeeded"),
            amount=amount,
            created_at=now,
            changed_at=now,
            capture=fields.get("capture", ""),
            code=fields.get("code", ""),
        )
        payment.movements(kind).append(movement)
        self._effect(payment, kind.removesuffix("s"), movement.id, our_id, amount)
        return movement

    def _refundable(self, payment: Payment, amount: int, capture_id: str) -> Movement:
        captures = [one for one in payment.captures if capture_id in {"", one.id}]
        for capture in captures:
            if 0 < amount <= payment.left_of(capture):
                return capture
        raise Refused("refund_exceeds_capture", "Less than that is left to refund.")

    def _end(self, payment: Payment, status: str) -> None:
        payment.challenge = ""
        payment.become(status, time.time())
        self.announce(f"payment.{status}", payment)
        self.store.save(payment)

    def _must_be_open(self, payment: Payment) -> None:
        if payment.status != "open" or time.time() >= payment.expires_at:
            raise Refused("page_closed", "This page can no longer be paid.", 409)

    def _describe(self, payment: Payment, card: DemoCard) -> None:
        payment.brand, payment.last4, payment.expires = card.brand, card.last4, EXPIRES

    def _save_method(self, payment: Payment, card: DemoCard) -> None:
        payment.token = make_id("tok")
        payment.customer = payment.customer or make_id("cus")
        self.store.run(
            "INSERT INTO method VALUES (?, ?, ?)", payment.token, payment.customer, card.last4
        )

    def _effect(self, payment: Payment, kind: str, subject: str, our_id: str, amount: int) -> None:
        self.store.add_effect(
            {
                "kind": kind,
                "payment": payment.id,
                "subject": subject,
                "attempt_id": payment.our_id,
                "our_id": our_id,
                "amount": amount,
                "currency": payment.currency,
                "at": time.time(),
            }
        )

    def announce(
        self, kind: str, payment: Payment, *, url: str = "", **told: dict[str, Any]
    ) -> None:
        """Queue a webhook, for an address of its own where it has one.

        Whether anyone listens is the sender's business.
        """
        body: dict[str, Any] = {
            "id": make_id("evt"),
            "type": kind,
            "created": time.time(),
            "payment": payment.id,
            "our_id": payment.our_id,
            "status": payment.status,
            "version": payment.version,
            **told,
        }
        self.store.run(
            "INSERT INTO event (id, payment, body, state, due_at, url)"
            " VALUES (?, ?, ?, 'pending', ?, ?)",
            body["id"],
            payment.id,
            json.dumps(body),
            time.time(),
            url or payment.notify_url,
        )
