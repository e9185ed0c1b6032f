"""The objects of a small Stripe: what exists there, and what customers and banks can do."""

from __future__ import annotations

import secrets
import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

type Object = dict[str, Any]

FEE_BP = 150
IN_HUNDREDS = {"isk", "ugx"}


class StripeRefusal(Exception):
    """An error answer: its HTTP status and the `error` object."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error.get("message", ""))
        self.status = status
        self.error = {"type": "invalid_request_error", **error}


def make_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"


@dataclass
class Shelf:
    """Everything by its id, in the order it was made."""

    objects: dict[str, Object] = field(default_factory=dict)

    def make(self, prefix: str, kind: str, **fields: Any) -> Object:
        made = {"id": make_id(prefix), "object": kind, "created": int(time.time()), **fields}
        self.objects[made["id"]] = made
        return made

    def get(self, object_id: str, kind: str) -> Object:
        found = self.objects.get(object_id)
        if found is None or found["object"] != kind:
            raise StripeRefusal(404, code="resource_missing", message=f"No such {kind}")
        return found

    def newest_first(self, kind: str, **equal: Any) -> list[Object]:
        return [
            one
            for one in reversed(self.objects.values())
            if one["object"] == kind and all(one.get(key) == value for key, value in equal.items())
        ]

    def shown(self, subject: Object, paths: list[str]) -> Object:
        """Return a copy with these paths expanded, as Stripe's `expand` does."""
        shown = deepcopy(subject)
        for path in paths:
            head, _, tail = path.partition(".")
            if shown["object"] == "charge" and head == "refunds":
                shown["refunds"] = listed(self.newest_first("refund", charge=shown["id"]), 10)
            elif isinstance(shown.get(head), str):
                rest = [one.partition(".")[2] for one in paths if one.startswith(f"{head}.")]
                shown[head] = self.shown(self.objects[shown[head]], rest)
            elif tail and shown.get(head) is None:
                continue
        return shown


def listed(items: list[Object], limit: int) -> Object:
    return {"object": "list", "data": items[:limit], "has_more": len(items) > limit}


@dataclass
class Till:
    """Moves the money: charges, captures, refunds, disputes, and the account's lines."""

    shelf: Shelf

    def charge(self, intent: Object, decline: str = "") -> None:
        """Try to charge a PaymentIntent; a decline leaves it wanting another method."""
        is_manual = intent["capture_method"] == "manual"
        charge = self.shelf.make(
            "ch",
            "charge",
            amount=intent["amount"],
            amount_captured=0,
            amount_refunded=0,
            currency=intent["currency"],
            captured=False,
            disputed=False,
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            status="failed" if decline else "succeeded",
            payment_method_details={
                "type": "card",
                "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2034},
            },
        )
        intent["latest_charge"] = charge["id"]
        if decline:
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": decline,
                "charge": charge["id"],
            }
            return
        intent["last_payment_error"] = None
        intent["status"] = "requires_capture"
        if not is_manual:
            self.capture(intent, intent["amount"])

    def capture(self, intent: Object, amount: int) -> None:
        charge = self.shelf.get(intent["latest_charge"] or "", "charge")
        if intent["status"] != "requires_capture":
            raise StripeRefusal(400, code="payment_intent_unexpected_state", message="Not now.")
        if amount > charge["amount"]:
            raise StripeRefusal(400, code="amount_too_large", message="Too much.")
        charge |= {"captured": True, "amount_captured": amount}
        intent["status"] = "succeeded"
        fee = 0 if charge["currency"] in IN_HUNDREDS else amount * FEE_BP // 10_000
        self._line(charge["id"], "charge", amount, charge["currency"], fee)
        if amount < charge["amount"]:
            self._release(charge, charge["amount"] - amount)

    def cancel(self, intent: Object) -> None:
        if intent["status"] not in {"requires_capture", "requires_payment_method"}:
            raise StripeRefusal(400, code="payment_intent_unexpected_state", message="Not now.")
        if intent["status"] == "requires_capture":
            charge = self.shelf.get(intent["latest_charge"], "charge")
            self._release(charge, charge["amount"])
        intent["status"] = "canceled"

    def refund(self, intent: Object, amount: int, metadata: Object, reason: str | None) -> Object:
        charge = self.shelf.get(intent["latest_charge"] or "", "charge")
        given_back = sum(
            one["amount"]
            for one in self.shelf.newest_first("refund", charge=charge["id"])
            if one["balance_transaction"] and one["status"] != "failed"
        )
        if amount > charge["amount_captured"] - given_back:
            raise StripeRefusal(400, code="charge_already_refunded", message="Too much.")
        refund = self.shelf.make(
            "re",
            "refund",
            amount=amount,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=intent["id"],
            metadata=metadata,
            reason=reason,
            status="succeeded",
        )
        refund["balance_transaction"] = self._line(
            refund["id"], "refund", -amount, charge["currency"], 0
        )
        return refund

    def dispute(self, intent_id: str, status: str = "needs_response") -> Object:
        intent = self.shelf.get(intent_id, "payment_intent")
        charge = self.shelf.get(intent["latest_charge"], "charge")
        charge["disputed"] = True
        return self.shelf.make(
            "dp",
            "dispute",
            amount=charge["amount_captured"],
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=intent["id"],
            reason="fraudulent",
            status=status,
            metadata={},
        )

    def _release(self, charge: Object, amount: int) -> None:
        """Write an authorisation's release down as Stripe does: a refund that moves no money."""
        charge["amount_refunded"] += amount
        self.shelf.make(
            "re",
            "refund",
            amount=amount,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=charge["payment_intent"],
            balance_transaction=None,
            metadata={},
            reason=None,
            status="succeeded",
        )

    def _line(self, source: str, kind: str, amount: int, currency: str, fee: int) -> str:
        line = self.shelf.make(
            "txn",
            "balance_transaction",
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=currency,
            source=source,
            type=kind,
            available_on=int(time.time()),
        )
        line_id: str = line["id"]
        return line_id
