"""The rigs: one adapter each, joined to something that answers, and the hands to work it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from payments.providers.sandbox.adapter import Sandbox
from payments.providers.stripe.adapter import Stripe
from tests.contract import official_description
from tests.contract.fake_stripe import FakeStripe
from tests.contract.inbox import Inbox
from tests.sandbox.server import SandboxServer, free_port

if TYPE_CHECKING:
    from payments.providers.base import Provider, Snapshot

NOT_PROVABLE: dict[tuple[str, str], str] = {}
"""(rig, cell) and why nothing here can answer it. Printed at the end of the run."""

type Delivery = tuple[bytes, dict[str, str]]


class Rig(ABC):
    """What a provider's customers, banks, staff and network do, for the tests to do it."""

    name: ClassVar[str]
    cannot: ClassVar[dict[str, str]] = {}
    provider: Provider

    def needs(self, *cells: str) -> None:
        """Leave the test out, and say so, where this rig has no such thing."""
        for cell in cells:
            if reason := self.cannot.get(cell):
                NOT_PROVABLE[self.name, cell] = reason
                pytest.skip(f"not provable here: {cell}: {reason}")

    @abstractmethod
    def adapter(self, *, timeout_s: float = 5, **credentials: str) -> Provider:
        """Return another adapter of the same account, with other credentials where given."""

    @abstractmethod
    def saved_method(self, *, declines: bool = False) -> tuple[str, str]:
        """Return the token and customer token of a saved method."""

    @abstractmethod
    def deliveries(self, snapshot: Snapshot) -> list[Delivery]:
        """Return signed webhooks about a payment, at least one."""

    def pay(self, snapshot: Snapshot, *, decline: bool = False) -> None:
        raise NotImplementedError

    terminal: ClassVar[str] = ""
    terminal_off: ClassVar[str] = ""

    def at_terminal(self, act: str) -> None:
        """Let the customer at the terminal `pay`, be declined (`decline`) or `leave`."""
        raise NotImplementedError

    def refund_elsewhere(self, snapshot: Snapshot, amount: int) -> None:
        raise NotImplementedError

    def dispute(self, snapshot: Snapshot) -> None:
        raise NotImplementedError

    def lose_dispute(self, snapshot: Snapshot) -> None:
        raise NotImplementedError

    def fault(self, fault: str, operation: str) -> None:
        """Let the next such request go wrong.

        Faults: reset_before, reset, error_after, rate_limit, garbled, hang.
        """
        raise NotImplementedError

    @abstractmethod
    def check(self) -> None:
        """Forget planned faults and judge what was sent, when a test has ended."""

    @abstractmethod
    def stop(self) -> None:
        """End whatever answers."""


def reference(snapshot: Snapshot, kind: str) -> str:
    return next(one.value for one in snapshot.attempt.references if one.kind == kind)


class SandboxRig(Rig):
    """The sandbox as a process of its own."""

    name = "sandbox"
    faults: ClassVar = {"rate_limit": "unavailable", "hang": "black_hole"}

    def __init__(self) -> None:
        self.server = SandboxServer().start()
        self.provider = self.adapter()

    def adapter(self, *, timeout_s: float = 5, **credentials: str) -> Provider:
        names = {"api_base": "base_url"}
        changed = {names.get(name, name): value for name, value in credentials.items()}
        return Sandbox(self.server.credentials | changed, timeout_s=timeout_s)

    def saved_method(self, *, declines: bool = False) -> tuple[str, str]:
        card = "4000000000000341" if declines else "4242424242424242"
        made = self.server.http.post(
            "/v1/checkouts",
            json={"our_id": "saver", "amount": 100, "currency": "EUR", "save_method": True},
            headers={
                "authorization": f"Bearer {self.server.credentials['api_key']}",
                "idempotency-key": str(time.monotonic_ns()),
            },
        ).json()
        self.server.pay(made["page_url"], card=card)
        saved = self.server.payments(made["id"])[0]
        return saved["token"], saved["customer"]

    def deliveries(self, snapshot: Snapshot) -> list[Delivery]:
        found = self.server.deliveries(reference(snapshot, "payment"))
        return [(one["body"].encode(), {"sandbox-signature": one["signature"]}) for one in found]

    def pay(self, snapshot: Snapshot, *, decline: bool = False) -> None:
        assert snapshot.page is not None
        card = "4000000000009995" if decline else "4242424242424242"
        self.server.pay(snapshot.page.url, card=card)

    terminal = "counter-1"
    terminal_off = "counter-2"

    def at_terminal(self, act: str) -> None:
        if act == "leave":
            self.server.at_terminal(self.terminal, cancel="yes")
            return
        card = "4000000000009995" if act == "decline" else "4242424242424242"
        self.server.at_terminal(self.terminal, card=card)
        self.server.at_terminal(self.terminal, pin="yes")

    def refund_elsewhere(self, snapshot: Snapshot, amount: int) -> None:
        self.server.dashboard_refund(reference(snapshot, "payment"), amount)

    def dispute(self, snapshot: Snapshot) -> None:
        self.server.open_dispute(reference(snapshot, "payment"))

    def lose_dispute(self, snapshot: Snapshot) -> None:
        payment = reference(snapshot, "payment")
        dispute = self.server.payments(payment)[0]["disputes"][0]["id"]
        self.server.close_dispute(payment, dispute, is_won=False)

    def fault(self, fault: str, operation: str) -> None:
        self.server.next_fault(self.faults.get(fault, fault), operation)

    def check(self) -> None:
        self.server.clear_faults()

    def stop(self) -> None:
        self.server.close()


class FakeStripeRig(Rig):
    """Stripe's adapter against our own small Stripe, judged by the official description."""

    name = "stripe-fake"
    paths: ClassVar = {"create": "/sessions", "charge": "/payment_intents", "close": "/expire"}

    def __init__(self) -> None:
        self.fake = FakeStripe().start()
        self.provider = self.adapter()

    def adapter(self, *, timeout_s: float = 5, **credentials: str) -> Provider:
        return Stripe(self.fake.credentials | credentials, timeout_s=timeout_s)

    def saved_method(self, *, declines: bool = False) -> tuple[str, str]:
        return "pm_declined" if declines else "pm_ok", "cus_1"

    def deliveries(self, snapshot: Snapshot) -> list[Delivery]:
        intent = self.fake.shelf.get(reference(snapshot, "payment_intent"), "payment_intent")
        return [self.fake.delivery("payment_intent.succeeded", intent)]

    def pay(self, snapshot: Snapshot, *, decline: bool = False) -> None:
        session = reference(snapshot, "checkout_session")
        self.fake.pay(session, "insufficient_funds" if decline else "")

    terminal = "tmr_1"
    terminal_off = "tmr_off"

    def at_terminal(self, act: str) -> None:
        decline = "insufficient_funds" if act == "decline" else ""
        self.fake.at_reader(self.terminal, decline=decline, leaves=act == "leave")

    def refund_elsewhere(self, snapshot: Snapshot, amount: int) -> None:
        self.fake.refund_elsewhere(reference(snapshot, "payment_intent"), amount)

    def dispute(self, snapshot: Snapshot) -> None:
        self.fake.till.dispute(reference(snapshot, "payment_intent"))

    def lose_dispute(self, snapshot: Snapshot) -> None:
        intent = reference(snapshot, "payment_intent")
        self.fake.shelf.newest_first("dispute", payment_intent=intent)[0]["status"] = "lost"

    def fault(self, fault: str, operation: str) -> None:
        self.fake.next_fault(fault, self.paths.get(operation, f"/{operation}s"))

    def check(self) -> None:
        self.fake.faults.clear()
        seen, self.fake.requests = self.fake.requests, []
        if not official_description.is_here():
            NOT_PROVABLE[self.name, "requests fit the official description"] = (
                f"{official_description.PLACE.name} is not beside the project"
            )
            return
        wrong = [text for one in seen for text in official_description.violations(one)]
        assert not wrong, wrong

    def stop(self) -> None:
        self.fake.stop()


class LocalstripeRig(Rig):
    """Stripe's adapter against localstripe, somebody else's idea of Stripe, in a process."""

    name = "stripe-localstripe"
    no_pages = "localstripe has no Checkout Sessions"
    cannot: ClassVar = {
        "page": no_pages,
        "terminal": "localstripe has no readers",
        "manual capture": "localstripe has no way to authorise without a page of ours",
        "idempotency": "localstripe ignores Idempotency-Key",
        "faults": "localstripe has no faults",
        "over-refund": "localstripe allows it",
        "disputes": "localstripe has none",
        "refund elsewhere": "localstripe has no back office",
        "search": "localstripe has no search",
        "bad key": "localstripe takes every key that begins with sk_",
        "fees": "localstripe charges none",
    }
    secret = "whsec_local"

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        script = Path(__file__).with_name("localstripe_server.py")
        self.process = subprocess.Popen([sys.executable, str(script), str(self.port)])
        self.http = httpx.Client(base_url=self.url, auth=("sk_test_local", ""), trust_env=False)
        self.inbox = Inbox()
        self._wait()
        self.http.post(
            "/_config/webhooks/contract", data={"url": self.inbox.url, "secret": self.secret}
        ).raise_for_status()
        self.provider = self.adapter()

    def adapter(self, *, timeout_s: float = 5, **credentials: str) -> Provider:
        own = {"api_key": "sk_test_local", "webhook_secret": self.secret, "api_base": self.url}
        return Stripe(own | credentials, timeout_s=timeout_s)

    def saved_method(self, *, declines: bool = False) -> tuple[str, str]:
        number = "4000000000000341" if declines else "4242424242424242"
        card = {"number": number, "exp_month": "8", "exp_year": "2034", "cvc": "123"}
        form = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
        customer = self._post("/v1/customers", {"email": "asiakas@example.fi"})["id"]
        method = self._post("/v1/payment_methods", form)["id"]
        self._post(f"/v1/payment_methods/{method}/attach", {"customer": customer})
        return method, customer

    def deliveries(self, snapshot: Snapshot) -> list[Delivery]:
        wanted = reference(snapshot, "payment_intent").encode()
        return [self.inbox.wait_for(wanted)]

    def check(self) -> None:
        """The requests are judged where they go to our own small Stripe."""

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.http.close()
        self.inbox.stop()

    def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        answer = self.http.post(path, data=form).raise_for_status()
        made: dict[str, Any] = answer.json()
        return made

    def _wait(self) -> None:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("localstripe did not start")
