"""What a script does: the telephone, the customer’s browser, and what goes wrong at the sandbox.

Each act looks first whether it was done, so that a worker who died in between repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from crm.models import Call
from crm.services import softphones
from crm.services.softphones import SoftphoneFailed
from payments.models import Capture, CheckoutSession, PaymentIntent, ProviderReference, WebhookEvent
from payments.services import links
from payments.services.intents import NewIntent, create_intent
from payments.services.refunds import request_refund
from training.lessons.base import Card
from training.services import world
from training.services.bank import Bank
from training.services.visitor import Visitor

if TYPE_CHECKING:
    from crm.models import Customer, Extension
    from training.models import LessonRun

UNKNOWN_NUMBERS = "+35850{:07}"
STOP_SHORT = "The lesson has no customer who could do this."


class StageFailed(Exception):
    """An act could not be done now. It is tried again."""


@dataclass
class Stage:
    """The stage of one run. `customer` is who is on the line, as far as anybody knows."""

    run: LessonRun
    customer: Customer | None

    def ring(self) -> None:
        """Let the run’s customer call who learns."""
        point = self._who.contact_points.filter(kind="phone").order_by("pk").first()
        self._ring(point.value if point else "")

    def ring_unknown(self) -> None:
        """Let a number call that nobody has."""
        self._ring(UNKNOWN_NUMBERS.format(1_000_000 + self.run.pk * 7_919 % 8_000_000))

    def answer(self) -> None:
        """Lift the receiver, and let the recording begin."""
        self._tell("answered")
        self._tell("recording_started")

    def hang_up(self) -> None:
        """End the call, if it has not ended."""
        self._tell("ended")

    def open_page(self) -> None:
        """Look at the newest link that can be paid."""
        if session := self._link(self._own_intents()):
            Visitor(self.run).look(links.address_of(session))

    def pay(self, card: Card, *, keeps: bool = False) -> None:
        """Pay the newest open link by a test card. One that is paid stays paid once."""
        if session := self._link(self._own_intents()):
            self._pay(session, card, keeps=keeps)

    def let_lapse(self) -> None:
        """Let the time of the open link be over."""
        if session := self._link(self._own_intents()):
            CheckoutSession.objects.filter(
                pk=session.pk, intent__customer__is_practice=True
            ).update(expires_at=timezone.now())
            links.expire_link(session_id=session.pk)

    def go_wrong(self, fault: str, operation: str, times: int = 1) -> None:
        """Let requests for the amount of this run go wrong at the sandbox, and no others."""
        self._bank.go_wrong(
            {
                "fault": fault,
                "operation": operation,
                "times": times,
                "amount": self.run.amount,
                "name": f"{self.run.public_id}:{fault}:{operation}",
            }
        )

    def bill(self, extra: int = 0) -> None:
        """Make one more bill of the amount of the run and something (minor units)."""
        if self._who.invoices.count() < 2:  # noqa: PLR2004 - the run’s own, and this one
            world.bill(self._who, self.run.amount + extra, "Router")

    def buy(self, extra: int = 0, *, keeps: bool = False, times: int = 1) -> None:
        """Have a colleague take a payment before the lesson, and the customer make it by card.

        Several times means by as many links for one and the same bill.
        """
        for intent in self._prepared() or self._ask_for(self.run.amount + extra, times):
            if intent.captured:
                continue
            session = self._link([intent.pk]) or links.open_link(
                intent_id=intent.pk, actor=world.colleague(), destination=None
            )
            self._pay(session, Card.GOOD, keeps=keeps)

    def ask_refund(self, reason: str) -> None:
        """Have the colleague ask for the run’s amount back. Above their limit it waits."""
        capture = self._capture()
        if capture.refunds.exists():
            return
        request_refund(
            capture_id=capture.pk,
            amount=self.run.money,
            reason=reason,
            requested_by=world.colleague(),
        )

    def refund_at_provider(self) -> None:
        """Give the run’s amount back in the provider’s own dashboard, behind our back."""
        self._bank.refund(self._reference(), self.run.amount)

    def deliver(self) -> None:
        """Let the provider tell once more of the payment that was made."""
        self._bank.tell(self.run.call_reference, self._reference())

    def park(self) -> None:
        """Put the delivery where those stand whose provider did not answer for a day."""
        WebhookEvent.objects.filter(
            account=self._bank.account, event_id=self.run.call_reference
        ).update(
            state=WebhookEvent.State.PARKED,
            attempts=12,
            finished_at=None,
            error="ProviderUnavailable: the provider did not answer",
        )

    @cached_property
    def _bank(self) -> Bank:
        return Bank(world.ensure_account())

    @property
    def _who(self) -> Customer:
        if self.customer is None:
            raise StageFailed(STOP_SHORT)
        return self.customer

    @cached_property
    def _extension(self) -> Extension:
        return softphones.ensure_extension(self.run.user, is_practice=True)

    def _ring(self, number: str) -> None:
        try:
            softphones.ring(self._extension, number, call=self.run.call_reference)
        except SoftphoneFailed as error:
            raise StageFailed(str(error)) from error

    def _tell(self, event: str) -> None:
        system = self._extension.phone_system
        own = Call.objects.filter(phone_system=system, external_id=self.run.call_reference)
        if not own.filter(status__in=Call.LIVE).exists():
            return
        try:
            softphones.tell(system, self.run.call_reference, event)
        except SoftphoneFailed as error:
            raise StageFailed(str(error)) from error

    def _own_intents(self) -> list[int]:
        own = PaymentIntent.objects.filter(customer=self.customer, agent=self.run.user)
        return list(own.values_list("pk", flat=True))

    def _prepared(self) -> list[PaymentIntent]:
        made = PaymentIntent.objects.filter(customer=self._who, agent=world.colleague())
        return list(made.order_by("pk"))

    @transaction.atomic
    def _ask_for(self, minor: int, times: int) -> list[PaymentIntent]:
        """Make a bill, and have the colleague ask for all of it so many times."""
        invoice = world.bill(self._who, minor, "Router")
        wanted = NewIntent(customer=self._who, amount=invoice.open_money, invoices=[invoice])
        return [create_intent(wanted, actor=world.colleague()) for _ in range(times)]

    def _capture(self) -> Capture:
        """What was taken before the lesson, by its one payment."""
        return Capture.objects.get(attempt__intent__in=self._prepared())

    def _reference(self) -> str:
        """What the sandbox calls the payment that was made before the lesson."""
        own = ProviderReference.objects.filter(
            account=self._bank.account,
            kind="payment",
            subject_id=self._capture().attempt.public_id,
        )
        return str(own.values_list("reference", flat=True)[0])

    def _link(self, intents: list[int]) -> CheckoutSession | None:
        payable = CheckoutSession.objects.payable(CheckoutSession.Kind.LINK)
        return payable.filter(intent__in=intents).order_by("-pk").first()

    def _pay(self, session: CheckoutSession, card: Card, *, keeps: bool) -> None:
        visitor = Visitor(self.run)
        page = visitor.choose_card(links.address_of(session), keeps=keeps)
        if page:
            visitor.enter(page, card)
