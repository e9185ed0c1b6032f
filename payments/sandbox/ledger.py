"""What the sandbox knows: payments, and the money movements within each of them."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

MovementKind = Literal["captures", "cancellations", "refunds", "disputes"]
MOVEMENTS: tuple[MovementKind, ...] = ("captures", "cancellations", "refunds", "disputes")
PREFIXES: dict[MovementKind, str] = {
    "captures": "cap",
    "cancellations": "can",
    "refunds": "ref",
    "disputes": "dis",
}

METHODS = ("card", "mobilepay", "bank", "klarna")


class Refused(Exception):
    """The request is understood and will never be carried out. Nothing was changed."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def make_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True)
class Order:
    """What a merchant asks to be paid."""

    our_id: str
    amount: int
    currency: str
    method: str = "card"
    description: str = ""
    language: str = "en"
    return_url: str = ""
    cancel_url: str = ""
    expires_at: float = 0
    is_manual: bool = False
    saves_method: bool = False
    is_keyed: bool = False
    customer: str = ""
    notify_url: str = ""


@dataclass(slots=True)
class Movement:
    """One capture, cancellation, refund or dispute. `amount` is in minor units."""

    id: str
    our_id: str
    status: str
    amount: int
    created_at: float
    changed_at: float
    version: int = 1
    capture: str = ""
    code: str = ""

    def become(self, status: str, now: float, code: str = "") -> None:
        self.status = status
        self.code = code
        self.changed_at = now
        self.version += 1


@dataclass(slots=True)
class Refusal:
    """One try on the hosted page that was declined; the page can still be paid."""

    id: str
    code: str
    created_at: float


@dataclass(slots=True)
class Payment:
    """One payment, hosted or by a saved method.

    Status: open, authorised, declined, expired, canceled. `version` grows with each change
    of the payment's own status; every movement carries a version of its own.
    """

    id: str
    our_id: str
    page: str
    status: str
    amount: int
    currency: str
    method: str
    description: str
    language: str
    return_url: str
    cancel_url: str
    created_at: float
    expires_at: float
    is_manual: bool = False
    saves_method: bool = False
    is_keyed: bool = False
    version: int = 1
    changed_at: float = 0
    code: str = ""
    challenge: str = ""
    brand: str = ""
    last4: str = ""
    expires: str = ""
    token: str = ""
    customer: str = ""
    keypad: str = ""
    asked: str = ""
    reader: str = ""
    callback_url: str = ""
    notify_url: str = ""
    refusals: list[Refusal] = field(default_factory=list)
    captures: list[Movement] = field(default_factory=list)
    cancellations: list[Movement] = field(default_factory=list)
    refunds: list[Movement] = field(default_factory=list)
    disputes: list[Movement] = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Payment:
        data["refusals"] = [Refusal(**refusal) for refusal in data["refusals"]]
        for kind in MOVEMENTS:
            data[kind] = [Movement(**movement) for movement in data[kind]]
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def become(self, status: str, now: float, code: str = "") -> None:
        self.status = status
        self.code = code
        self.changed_at = now
        self.version += 1

    def movements(self, kind: MovementKind) -> list[Movement]:
        found: list[Movement] = getattr(self, kind)
        return found

    def movement(self, movement_id: str) -> Movement:
        for kind in MOVEMENTS:
            for movement in self.movements(kind):
                if movement.id == movement_id:
                    return movement
        raise Refused("not_found", f"{self.id} has no {movement_id}.", 404)

    @property
    def captured(self) -> int:
        return sum(capture.amount for capture in self.captures)

    @property
    def capturable(self) -> int:
        if self.status != "authorised":
            return 0
        return self.amount - self.captured - sum(gone.amount for gone in self.cancellations)

    def left_of(self, capture: Movement) -> int:
        """Say how much of a capture can still be refunded, in minor units."""
        refunded = sum(
            refund.amount
            for refund in self.refunds
            if refund.capture == capture.id and refund.status != "failed"
        )
        disputed = sum(
            dispute.amount
            for dispute in self.disputes
            if dispute.capture == capture.id and dispute.status != "won"
        )
        return capture.amount - refunded - disputed
