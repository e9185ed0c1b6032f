"""A provider as the world sees it: payments, and a ledger of everything that really happened.

It knows nothing of faults. What its API answers, late or never, is the matter of `provider`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.money import Money
    from payments.providers.base import CreateCheckout, SubjectKind

MOVED = frozenset({"pending", "succeeded"})


class Refused(Exception):
    """The provider understood and refuses. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Movement:
    """A capture, cancellation, refund or dispute at the provider."""

    kind: str
    id: str
    our_id: str
    amount: int
    status: str
    at: float
    parent: str = ""
    version: int = 1

    def become(self, status: str) -> None:
        self.status = status
        self.version += 1


@dataclass
class Payment:
    """One payment at the provider, with everything that belongs to it."""

    id: str
    our_id: str
    amount: int
    currency: str
    at: float
    status: str = "pending"
    version: int = 1
    expires_at: float = 0
    is_manual: bool = False
    has_page: bool = True
    saves_method: bool = False
    movements: list[Movement] = field(default_factory=list)
    declines: list[str] = field(default_factory=list)

    def become(self, status: str) -> None:
        self.status = status
        self.version += 1

    def of(self, kind: str) -> list[Movement]:
        return [one for one in self.movements if one.kind == kind]

    def sum_of(self, kind: str, parent: str = "") -> int:
        own = (one for one in self.of(kind) if not parent or one.parent == parent)
        return sum(one.amount for one in own if one.status in MOVED)

    @property
    def held(self) -> int:
        """What is authorised and neither taken nor let go."""
        authorised = self.amount if self.status == "authorised" else 0
        return authorised - self.sum_of("capture") - self.sum_of("cancellation")


@dataclass(frozen=True)
class Effect:
    """Something that really happened, by our request or without it."""

    kind: str
    our_id: str
    amount: int


class Bank:
    """One provider's books. `tell` is called with each payment that changed."""

    def __init__(
        self, name: str, now: Callable[[], float], echoes: frozenset[SubjectKind] = frozenset()
    ) -> None:
        self.name = name
        self.now = now
        self.echoes = echoes
        self.payments: dict[str, Payment] = {}
        self.effects: list[Effect] = []
        self.is_slow_to_settle = False
        self.tell: Callable[..., None] = lambda _payment, **_named: None
        self.settle_later: Callable[[Payment, Movement], None] = lambda _p, _m: None
        self._count = 0

    def of_attempt(self, our_id: str) -> Payment | None:
        """The newest payment that was asked for under our id."""
        found = [one for one in self.payments.values() if one.our_id == our_id]
        return found[-1] if found else None

    def create(self, request: CreateCheckout) -> Payment:
        payment = self._new(request.attempt_id, request.amount)
        payment.expires_at = request.expires_at.timestamp()
        payment.is_manual = request.manual_capture
        payment.saves_method = request.save_method
        self._happened("page", request.attempt_id, request.amount.minor)
        return payment

    def charge(self, our_id: str, amount: Money, *, is_declined: bool) -> Payment:
        payment = self._new(our_id, amount)
        payment.has_page = False
        if is_declined:
            payment.become("declined")
        else:
            self._authorise(payment)
        self.tell(payment)
        return payment

    def pay(self, payment: Payment) -> bool:
        """The customer pays on the page. Says whether that was still possible."""
        self.expire(payment)
        if payment.status != "pending":
            return False
        self._authorise(payment)
        self.tell(payment)
        return True

    def decline(self, payment: Payment) -> None:
        """The customer's card is refused; the page stays open."""
        self.expire(payment)
        if payment.status == "pending":
            payment.declines.append(self._next_id("try"))
            payment.version += 1
            self.tell(payment)

    def capture(self, payment: Payment, our_id: str, amount: int) -> Payment:
        if amount > payment.held:
            raise Refused("more_than_held")
        self._move(payment, "capture", our_id, amount)
        return payment

    def cancel(self, payment: Payment, our_id: str, amount: int) -> Payment:
        if amount > payment.held:
            raise Refused("more_than_held")
        self._move(payment, "cancellation", our_id, amount)
        return payment

    def refund(self, payment: Payment, our_id: str, amount: int, capture: str) -> Payment:
        """Give money back. Without `our_id` somebody does it in the provider's dashboard."""
        taken = next((one for one in payment.of("capture") if one.id == capture), None)
        if taken is None:
            raise Refused("no_such_capture")
        if amount > taken.amount - payment.sum_of("refund", capture):
            raise Refused("more_than_taken")
        status = "pending" if self.is_slow_to_settle else "succeeded"
        movement = self._move(payment, "refund", our_id, amount, parent=capture, status=status)
        if status == "pending":
            self.settle_later(payment, movement)
        return payment

    def settle(self, payment: Payment, movement: Movement) -> None:
        """What was pending becomes final."""
        if movement.status == "pending":
            movement.become("succeeded")
            payment.version += 1
            self.tell(payment)

    def dispute(self, payment: Payment) -> None:
        """The customer's bank wants the money back."""
        for capture in payment.of("capture")[:1]:
            self._move(
                payment, "dispute", "", capture.amount, parent=capture.id, status="needs_response"
            )

    def close(self, payment: Payment) -> Payment:
        self.expire(payment)
        if payment.status == "pending":
            payment.become("canceled")
            self._happened("close", payment.our_id, 0)
            self.tell(payment)
        return payment

    def expire(self, payment: Payment) -> None:
        is_over = payment.has_page and payment.expires_at <= self.now()
        if payment.status == "pending" and is_over:
            payment.become("expired")

    def _new(self, our_id: str, amount: Money) -> Payment:
        payment = Payment(
            self._next_id("pay"), our_id, amount.minor, amount.currency, at=self.now()
        )
        self.payments[payment.id] = payment
        return payment

    def _authorise(self, payment: Payment) -> None:
        payment.become("authorised")
        self._happened("authorisation", payment.our_id, payment.amount)
        if not payment.is_manual:
            self._move(payment, "capture", "", payment.amount)

    def _move(
        self,
        payment: Payment,
        kind: str,
        our_id: str,
        amount: int,
        parent: str = "",
        status: str = "succeeded",
    ) -> Movement:
        movement = Movement(kind, self._next_id(kind), our_id, amount, status, self.now(), parent)
        payment.movements.append(movement)
        payment.version += 1
        self._happened(kind, our_id or f"{payment.our_id}/{movement.id}", amount)
        # Nobody here would read a payment again that ended: its webhook alone tells of these.
        is_theirs = not our_id and kind in {"refund", "dispute"}
        self.tell(payment, surely=is_theirs)
        return movement

    def _happened(self, kind: str, our_id: str, amount: int) -> None:
        self.effects.append(Effect(kind, our_id, amount))

    def _next_id(self, kind: str) -> str:
        self._count += 1
        return f"{self.name}_{kind}_{self._count}"
