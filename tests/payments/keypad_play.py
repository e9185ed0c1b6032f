"""A desk beside a sandbox whose phone one plays: what keypad tests are told with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.test import Client

from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
)
from payments.services import accounts, operations
from tests.factories.desk import Desk as Panel
from tests.factories.keypads import KeypadFactory, call_of
from tests.factories.payments import ProviderAccountFactory

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Call
    from tests.sandbox.server import SandboxServer

CARD = "4242424242424242"


class Play:
    """An agent on a call with a customer who owes, and the customer's phone."""

    def __init__(self, user: User, sandbox: SandboxServer, **call: Any) -> None:
        self.sandbox = sandbox
        self.panel = Panel(user)
        self.call: Call = call_of(user, **call)
        account = ProviderAccountFactory.create(credentials=sandbox.credentials)
        self.keypad = KeypadFactory.create(account=account, phone_system=self.call.phone_system)
        accounts.forget()

    def begin(self, **changes: Any) -> Any:
        """Press D, and let the worker reach the phone and ask for the first field."""
        answer = self.panel.take(destination="", is_keypad="1", **changes)
        self.work()
        return answer

    def work(self) -> None:
        operations.drain()
        operations.drain()

    @property
    def intent(self) -> PaymentIntent:
        return PaymentIntent.objects.get()

    @property
    def attempt(self) -> PaymentAttempt:
        return PaymentAttempt.objects.latest("pk")

    @property
    def session(self) -> CheckoutSession:
        return CheckoutSession.objects.latest("pk")

    def press(self, keys: str) -> None:
        """Let the customer press keys; what the gateway tells comes through the door."""
        self.quietly_press(keys)
        self.hear()

    def quietly_press(self, keys: str) -> None:
        page = self.sandbox.keypad_of(self.attempt.public_id)
        answer = self.sandbox.http.post(f"/keypad/{page}", data={"key": keys})
        assert answer.status_code == 303, answer.text

    def hear(self) -> list[int]:
        """Bring every callback of the gateway to the door, the old ones too, and work on."""
        payment = self.sandbox.payment(self.attempt.public_id)["id"]
        told = [one for one in self.sandbox.deliveries(payment) if one["url"]]
        answers = [self.deliver(one) for one in told]
        self.work()
        return answers

    def deliver(self, one: dict[str, Any], **headers: str) -> int:
        path = urlsplit(one["url"]).path
        sent = {"sandbox-signature": one["signature"], **headers}
        answer = Client().post(path, one["body"], content_type="application/json", headers=sent)
        return answer.status_code

    def key_all(self, card: str = CARD) -> None:
        for keys in (f"{card}#", "1234#", "123#"):
            self.press(keys)

    def act(self, act: str, **data: Any) -> Any:
        answer = self.panel.act(self.intent, act, **data)
        self.work()
        return answer

    def steps(self) -> list[str]:
        found = PaymentEvent.objects.filter(subject_kind="session").order_by("pk")
        return [" ".join(filter(None, [one.status, one.detail.get("field", "")])) for one in found]

    def operation(self, kind: str) -> ProviderOperation:
        return ProviderOperation.objects.filter(kind=kind).latest("pk")
