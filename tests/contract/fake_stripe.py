"""A small stateful Stripe over HTTP, for what localstripe lacks.

Checkout Sessions, idempotency as Stripe documents it (the first answer is kept, a 500
included, and another body is refused), disputes, refunds with reasons, expand, and faults.
Every request is kept in `requests`, to be compared with the official description.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from tests.contract.fake_stripe_http import API_KEY, Seen, handler_for
from tests.contract.fake_stripe_objects import Shelf, StripeRefusal, Till, listed, make_id
from tests.contract.forms import as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.fake_stripe_http import API_KEY, Seen, handler_for
from tests.contract.fake_stripe_objects import Object

WEBHOOK_SECRET = "whsec_fake"
DECLINING_METHODS = {"pm_declined": "insufficient_funds"}


class FakeStripe:
    """One Stripe account with a server in front. Its methods are what others do there."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.till = Till(self.shelf)
        self.requests: list[Seen] = []
        self.answers: dict[str, tuple[str, int, Object]] = {}
        self.faults: list[tuple[str, str]] = []
        self.readers: dict[str, Object | None] = {}
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def credentials(self) -> dict[str, str]:
        return {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "api_base": self.url}

    def next_fault(self, fault: str, path: str) -> None:
        """Let the next POST to a path that ends so go wrong."""
        self.faults.append((fault, path))

    def pay(self, session_id: str, decline: str = "") -> None:
        """Confirm a hosted page as its customer; only now is there a PaymentIntent."""
        session = self.shelf.get(session_id, "checkout.session")
        assert session["status"] == "open"
        if session["payment_intent"] is None:
            self._make_intent_of(session)
        intent = self.shelf.get(session["payment_intent"], "payment_intent")
        self.till.charge(intent, decline)
        if not decline:
            session |= {"status": "complete", "payment_status": "paid", "url": None}

    def refund_elsewhere(self, intent_id: str, amount: int) -> None:
        intent = self.shelf.get(intent_id, "payment_intent")
        self.till.refund(intent, amount, {}, None)

    def delivery(self, kind: str, subject: Object) -> tuple[bytes, dict[str, str]]:
        """Return a signed webhook: its body and its headers."""
        event = {
            "id": make_id("evt"),
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": subject},
        }
        body = json.dumps(event).encode()
        at = int(time.time())
        digest = hmac.new(WEBHOOK_SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256)
        return body, {"stripe-signature": f"t={at},v1={digest.hexdigest()}"}

    def answer(self, seen: Seen) -> tuple[int, Object]:
        """Carry out a request, once for each idempotency key."""
        digest = json.dumps([seen.path, seen.data], sort_keys=True)
        if seen.key in self.answers:
            known, status, body = self.answers[seen.key]
            if known != digest:
                return 400, {"error": {"type": "idempotency_error", "message": "Other body."}}
            return status, body
        try:
            status, body = 200, self._routed(seen)
        except StripeRefusal as refusal:
            status, body = refusal.status, {"error": refusal.error}
        if self._takes("error_after", seen):
            status, body = 500, {"error": {"type": "api_error", "message": "Sorry."}}
        if seen.key:
            self.answers[seen.key] = digest, status, body
        return status, body

    def takes_fault(self, seen: Seen) -> str:
        """Return the planned fault of the wire for this request, and use it up."""
        for fault in ("reset_before", "reset", "rate_limit", "garbled", "hang"):
            if self._takes(fault, seen):
                return fault
        return ""

    def _takes(self, fault: str, seen: Seen) -> bool:
        for planned in self.faults:
            if planned[0] == fault and seen.method == "POST" and seen.path.endswith(planned[1]):
                self.faults.remove(planned)
                return True
        return False

    def _routed(self, seen: Seen) -> Object:
        parts = seen.path.removeprefix("/v1/").split("/")
        expand = as_list(seen.data.get("expand"))
        for shape, route in self._routes(seen).items():
            method, *wanted = shape.split(" ")
            if method == seen.method and len(wanted) == len(parts):
                pairs = list(zip(wanted, parts, strict=True))
                if all(want in {"*", part} for want, part in pairs):
                    names = [part for want, part in pairs if want == "*"]
                    found = route(*names)
                    is_list = found["object"] == "list"
                    return found if is_list else self.shelf.shown(found, expand)
        raise StripeRefusal(404, message="Unrecognized request URL")

    def _routes(self, seen: Seen) -> dict[str, Callable[..., Object]]:
        data = seen.data
        return {
            "POST checkout sessions": lambda: self._make_session(data),
            "GET checkout sessions": lambda: self._list("checkout.session", data),
            "GET checkout sessions *": lambda one: self.shelf.get(one, "checkout.session"),
            "POST checkout sessions * expire": self._expire,
            "POST payment_intents": lambda: self._make_intent(data),
            "GET payment_intents": lambda: self._list("payment_intent", data),
            "GET payment_intents search": lambda: self._search(data),
            "GET payment_intents *": lambda one: self.shelf.get(one, "payment_intent"),
            "POST payment_intents * capture": lambda one: self._capture(one, data),
            "POST payment_intents * cancel": self._cancel,
            "GET terminal readers *": self._reader,
            "POST terminal readers * process_payment_intent": lambda one: self._process(one, data),
            "POST terminal readers * cancel_action": self._free_reader,
            "GET charges *": lambda one: self.shelf.get(one, "charge"),
            "POST refunds": lambda: self._refund(data),
            "GET refunds": lambda: self._list("refund", data),
            "GET disputes": lambda: self._list("dispute", data),
            "GET balance_transactions": lambda: self._list("balance_transaction", data),
        }

    def _make_session(self, data: Object) -> Object:
        line = data["line_items"]["0"]["price_data"]
        name = make_id("cs_test")
        return self.shelf.make(
            "cs_test",
            "checkout.session",
            status="open",
            payment_status="unpaid",
            url=f"{self.url}/pay/{name}",
            amount_total=int(line["unit_amount"]),
            currency=line["currency"],
            client_reference_id=data["client_reference_id"],
            expires_at=int(data.get("expires_at", time.time() + 86_400)),
            metadata=data.get("metadata", {}),
            payment_intent=None,
            customer=data.get("customer"),
            payment_intent_data=data.get("payment_intent_data", {}),
        )

    def _make_intent_of(self, session: Object) -> None:
        wanted = session["payment_intent_data"]
        saves = wanted.get("setup_future_usage")
        customer = session["customer"] or (self.shelf.make("cus", "customer")["id"])
        intent = self.shelf.make(
            "pi",
            "payment_intent",
            amount=session["amount_total"],
            currency=session["currency"],
            status="requires_payment_method",
            capture_method=wanted.get("capture_method", "automatic"),
            setup_future_usage=saves,
            metadata=wanted.get("metadata", {}),
            customer=customer if saves else None,
            payment_method=self.shelf.make("pm", "payment_method", type="card")["id"],
            latest_charge=None,
            last_payment_error=None,
        )
        session["payment_intent"] = intent["id"]

    def _expire(self, session_id: str) -> Object:
        session = self.shelf.get(session_id, "checkout.session")
        if session["status"] != "open":
            raise StripeRefusal(400, message="Only open Checkout Sessions can be expired.")
        session |= {"status": "expired", "url": None}
        return session

    def _reader(self, reader: str) -> Object:
        action = self.readers.get(reader)
        return {"id": reader, "object": "terminal.reader", "action": action, "status": "online"}

    def _process(self, reader: str, data: Object) -> Object:
        if reader == "tmr_off":
            raise StripeRefusal(400, code="terminal_reader_offline", message="Reader is offline.")
        if (self.readers.get(reader) or {}).get("status") == "in_progress":
            raise StripeRefusal(400, code="terminal_reader_busy", message="Reader is busy.")
        self.readers[reader] = {
            "type": "process_payment_intent",
            "status": "in_progress",
            "process_payment_intent": {"payment_intent": data["payment_intent"]},
        }
        return self._reader(reader)

    def _free_reader(self, reader: str) -> Object:
        self.readers[reader] = None
        return self._reader(reader)

    def at_reader(self, reader: str, *, decline: str = "", leaves: bool = False) -> None:
        """Read a card at a reader as its customer, or cancel there."""
        action = self.readers[reader]
        assert action is not None
        intent = self.shelf.get(
            action["process_payment_intent"]["payment_intent"], "payment_intent"
        )
        if not leaves:
            self.till.charge(intent, decline)
        action["status"] = "failed" if decline or leaves else "succeeded"

    def _make_intent(self, data: Object) -> Object:
        if data["payment_method_types"] == {"0": "card_present"}:
            return self._make_intent_for_reader(data)
        intent = self.shelf.make(
            "pi",
            "payment_intent",
            amount=int(data["amount"]),
            currency=data["currency"],
            status="requires_payment_method",
            capture_method="automatic",
            setup_future_usage=None,
            metadata=data.get("metadata", {}),
            customer=data["customer"],
            payment_method=None,
            latest_charge=None,
            last_payment_error=None,
        )
        decline = DECLINING_METHODS.get(data["payment_method"], "")
        self.till.charge(intent, decline)
        if decline:
            error = {**intent["last_payment_error"], "payment_intent": intent}
            raise StripeRefusal(402, **error)
        return intent

    def _make_intent_for_reader(self, data: Object) -> Object:
        return self.shelf.make(
            "pi",
            "payment_intent",
            amount=int(data["amount"]),
            currency=data["currency"],
            status="requires_payment_method",
            capture_method=data["capture_method"],
            setup_future_usage=None,
            metadata=data.get("metadata", {}),
            customer=None,
            payment_method=None,
            latest_charge=None,
            last_payment_error=None,
        )

    def _capture(self, intent_id: str, data: Object) -> Object:
        intent = self.shelf.get(intent_id, "payment_intent")
        self.till.capture(intent, int(data["amount_to_capture"]))
        intent["metadata"] |= data.get("metadata", {})
        return intent

    def _cancel(self, intent_id: str) -> Object:
        intent = self.shelf.get(intent_id, "payment_intent")
        self.till.cancel(intent)
        return intent

    def _refund(self, data: Object) -> Object:
        intent = self.shelf.get(data["payment_intent"], "payment_intent")
        amount, metadata = int(data["amount"]), data.get("metadata", {})
        return self.till.refund(intent, amount, metadata, data.get("reason"))

    def _search(self, data: Object) -> Object:
        wanted = data["query"].split(":")[1].strip("'")
        found = self.shelf.newest_first("payment_intent")
        return listed([one for one in found if one["metadata"].get("our_id") == wanted], 10)

    def _list(self, kind: str, data: Object) -> Object:
        named = {key: data[key] for key in ("payment_intent",) if key in data}
        earliest = int((data.get("created") or {}).get("gte", 0))
        items = self.shelf.newest_first(kind, **named)
        items = [one for one in items if one["created"] >= earliest]
        if after := data.get("starting_after"):
            ids = [one["id"] for one in items]
            items = items[ids.index(after) + 1 :]
        return listed(items, int(data.get("limit", 10)))
