"""Providers' doors: idempotency as their manifests say it, and what goes wrong on the way."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from core.money import EXPONENTS
from payments.providers.base import (
    Absent,
    Capability,
    Lookup,
    Manifest,
    OperationKind,
    Provider,
    SubjectKind,
    Truth,
    WebhookNotice,
)
from payments.providers.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable
from payments.providers.signatures import signed_event
from tests.moneysim.bank import Bank, Movement, Payment, Refused
from tests.moneysim.snapshots import references_of, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from payments.providers.base import (
        BalanceTransaction,
        CancelRequest,
        CaptureRequest,
        ChargeSavedMethod,
        CloseCheckout,
        CreateCheckout,
        FetchRequest,
        FindRequest,
        Reference,
        RefundRequest,
        Snapshot,
    )
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel

SIGNATURE = "sim-signature"
MOVES = {
    OperationKind.CAPTURE: "capture",
    OperationKind.CANCEL: "cancellation",
    OperationKind.REFUND: "refund",
}
MANIFEST = Manifest(
    kind="simkeeper",
    name="Keeper",
    methods=("card", "mobilepay"),
    currencies=frozenset(EXPONENTS),
    capabilities=frozenset(Capability),
    truth=Truth.FETCH,
    lookup=Lookup.BY_OUR_ID,
    consistent_after_s=60,
    longest_request_s=80,
    key_window_s=86_400,
    saves_errors=True,
    compares_body=True,
    signature="hmac-sha256",
    settlement="none",
    echoes=frozenset({SubjectKind.CAPTURE, SubjectKind.CANCELLATION, SubjectKind.REFUND}),
)


@dataclass
class Kept:
    """What a provider keeps under an idempotency key."""

    body: str
    until: float
    answer: Snapshot | Exception | None = None


class Door:
    """One provider's API in this schedule: its books, its kept keys, and the faults before it."""

    def __init__(self, manifest: Manifest, kernel: Kernel, faults: Faults) -> None:
        self.manifest = manifest
        self.kernel = kernel
        self.faults = faults
        self.bank = Bank(manifest.kind, lambda: kernel.clock.now, manifest.echoes)
        self.kept: dict[str, Kept] = {}
        self.said: dict[str, Snapshot] = {}
        self.sends: list[tuple[str, str]] = []
        self.under_way: Counter[str] = Counter()
        self.is_back_at = 0.0

    def change(self, kind: str, request: Any, act: Callable[[], Payment]) -> Snapshot:
        """Carry a request out as a provider does whose network and servers fail."""
        self._arrive(kind, request)
        if self.faults.hit("late_request"):
            self._leave_on_its_way(kind, request, act)
        if self.faults.hit("slow"):
            self.kernel.sleep(self.faults.delay(10))
        answer = self._carry_out(request, act)
        self.kernel.changed()
        self.kernel.point(f"carried out {kind}")
        self._come_back()
        return answer

    def _arrive(self, kind: str, request: Any) -> None:
        """What goes wrong before the provider has read the request."""
        kernel, faults = self.kernel, self.faults
        kernel.point(f"send {kind}")
        if self.is_gone or faults.hit("unavailable"):
            raise ProviderUnavailable("no connection", code="no_connection")
        if faults.hit("too_many"):
            raise ProviderUnavailable("429", code="too_many")
        if faults.hit("lost_request"):
            kernel.sleep(faults.delay(10))
            raise OutcomeUnknown("no answer", code="timeout")
        self.sends.append((kind, request.key))
        if self.under_way[request.key] and faults.hit("key_in_flight"):
            raise OutcomeUnknown("409", code="key_in_flight")

    def _leave_on_its_way(self, kind: str, request: Any, act: Callable[[], Payment]) -> None:
        """It arrives when nobody waits for it any more."""
        after = self.faults.within(self.manifest.longest_request_s - 11)
        self.under_way[request.key] += 1
        carry = partial(self._late, request, act)
        self.kernel.spawn(f"late {kind}", carry, after=after, can_crash=False)
        self.kernel.sleep(self.faults.delay(10))
        raise OutcomeUnknown("no answer yet", code="timeout")

    def _come_back(self) -> None:
        """What goes wrong with the answer."""
        kernel, faults = self.kernel, self.faults
        if faults.hit("outage"):
            self.is_back_at = kernel.clock.now + faults.outage()
            raise OutcomeUnknown("the connection broke", code="timeout")
        if faults.hit("near_timeout"):
            kernel.sleep(faults.at_a_timeout())
        if faults.hit("lost_answer"):
            raise OutcomeUnknown("the answer is lost", code="timeout")
        if faults.hit("unreadable"):
            raise KeyError("status")

    @property
    def is_gone(self) -> bool:
        """Whether nobody reaches the provider now."""
        return self.kernel.clock.now < self.is_back_at

    def read(self, what: str) -> None:
        """The way to a read: it may fail, too."""
        self.kernel.point(what)
        if self.is_gone or self.faults.hit("read_fails"):
            raise OutcomeUnknown("no answer", code="timeout")

    def is_visible(self, at: float) -> bool:
        """Whether a read shows by now what happened then."""
        if not self.faults.rates["stale_read"] or not self.faults.is_on:
            return True
        age = self.kernel.clock.now - at
        return age > self.manifest.consistent_after_s or not self.faults.hit("stale_read")

    def _late(self, request: Any, act: Callable[[], Payment]) -> None:
        self.kernel.point("carried out late")
        self.under_way[request.key] -= 1
        with suppress(ProviderRejected, OutcomeUnknown):
            self._carry_out(request, act)

    def _carry_out(self, request: Any, act: Callable[[], Payment]) -> Snapshot:
        key, body, now = request.key, repr(request), self.kernel.clock.now
        kept = self.kept.get(key)
        if kept is not None and kept.until > now:
            if kept.body != body and self.manifest.compares_body:
                self.kernel.findings.append(f"a key came with another body: {body}")
                raise ProviderRejected("another body", code="key_reused")
            if isinstance(kept.answer, Exception):
                raise kept.answer
            if kept.answer is not None:
                return kept.answer
        fails = self.faults.hit("server_error")
        if fails and not self.manifest.saves_errors:
            raise OutcomeUnknown("500", code="server_error")
        self.kept[key] = kept = Kept(body, now + self.manifest.key_window_s)
        if fails:
            kept.answer = OutcomeUnknown("500", code="server_error")
            raise kept.answer
        try:
            kept.answer = snapshot_of(act(), self.bank, answers=_subject_of(request))
        except Refused as refused:
            kept.answer = ProviderRejected(refused.code, code=refused.code)
            raise kept.answer from None
        return kept.answer


DOORS: dict[str, Door] = {}
"""The doors of the present schedule, by the manifest's kind."""


class SimProvider(Provider):
    """An adapter in front of a door."""

    manifest = MANIFEST

    @property
    def door(self) -> Door:
        return DOORS[self.manifest.kind]

    def create_checkout(self, request: CreateCheckout) -> Snapshot:
        return self.door.change("create", request, lambda: self.door.bank.create(request))

    def charge_saved_method(self, request: ChargeSavedMethod) -> Snapshot:
        bank, faults = self.door.bank, self.door.faults
        return self.door.change(
            "charge",
            request,
            lambda: bank.charge(
                request.attempt_id, request.amount, is_declined=faults.hit("decline")
            ),
        )

    def capture(self, request: CaptureRequest) -> Snapshot:
        payment = self._payment(request.references)
        act = partial(self.door.bank.capture, payment, request.capture_id, request.amount.minor)
        return self.door.change("capture", request, act)

    def cancel(self, request: CancelRequest) -> Snapshot:
        payment = self._payment(request.references)
        act = partial(self.door.bank.cancel, payment, request.cancellation_id, request.amount.minor)
        return self.door.change("cancel", request, act)

    def refund(self, request: RefundRequest) -> Snapshot:
        payment = self._payment(request.references)
        capture = _value(request.capture_references, "capture")
        bank, amount = self.door.bank, request.amount.minor
        act = partial(bank.refund, payment, request.refund_id, amount, capture)
        return self.door.change("refund", request, act)

    def close_checkout(self, request: CloseCheckout) -> Snapshot:
        payment = self._payment(request.references)
        return self.door.change("close", request, lambda: self.door.bank.close(payment))

    def fetch(self, request: FetchRequest) -> Snapshot | Absent:
        self.door.read("fetch")
        return self._found(request.attempt_id, request.references)

    def find(self, request: FindRequest) -> Snapshot | Absent:
        self.door.read("find")
        found = self._found(request.attempt_id, request.references)
        if isinstance(found, Absent) or self._has_trace(found, request):
            return found
        return Absent()

    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str], *, received_at: datetime | None = None
    ) -> WebhookNotice:
        signature, secret = headers.get(SIGNATURE, ""), self.credentials["secret"]
        event = signed_event(body, signature, secret, received_at)
        payment = self.door.bank.payments[str(event["payment"])]
        said = self.door.said[str(event["id"])]
        return WebhookNotice(
            event_id=str(event["id"]),
            kind=str(event["type"]),
            references=references_of(payment),
            our_id=payment.our_id,
            snapshot=said if self.manifest.truth is Truth.SIGNED_BODY else None,
        )

    def balance_transactions(self, since: datetime) -> Iterator[BalanceTransaction]:
        del since
        yield from ()

    def _payment(self, references: tuple[Reference, ...]) -> Payment:
        payment = self.door.bank.payments.get(_value(references, "payment"))
        if payment is None:
            raise ProviderRejected("no such payment", code="not_found")
        return payment

    def _found(self, our_id: str, references: tuple[Reference, ...]) -> Snapshot | Absent:
        bank = self.door.bank
        payment = bank.payments.get(_value(references, "payment")) or bank.of_attempt(our_id)
        if payment is None or not self.door.is_visible(payment.at):
            return Absent()
        bank.expire(payment)
        return snapshot_of(payment, bank)

    def _has_trace(self, snapshot: Snapshot, request: FindRequest) -> bool:
        """Whether the operation has left its mark, as far as a read shows by now."""
        if request.kind is OperationKind.CLOSE_SESSION:
            return snapshot.attempt.status != "pending"
        kind = MOVES.get(request.kind)
        if kind is None:
            return True
        payment = self.door.bank.payments[snapshot.attempt.references[0].value]
        marks = [one for one in payment.of(kind) if self._is_mark(one, request)]
        return any(self.door.is_visible(one.at) for one in marks)

    def _is_mark(self, movement: Movement, request: FindRequest) -> bool:
        """Whether it is what was asked for, or may be: without our id nobody knows."""
        if SubjectKind(movement.kind) in self.manifest.echoes:
            return movement.our_id == request.subject_id
        is_since = movement.at >= request.sent_at.timestamp()
        return is_since and movement.amount == request.amount.minor


class Replayer(SimProvider):
    """Saves no errors, and what was lost is found by sending the same key again."""

    manifest = replace(
        MANIFEST,
        kind="simreplayer",
        name="Replayer",
        lookup=Lookup.REPLAY_KEY,
        saves_errors=False,
        consistent_after_s=5,
        longest_request_s=80,
        key_window_s=7_200,
    )


class Teller(SimProvider):
    """Tells the news in the signed body itself, and settles refunds later."""

    manifest = replace(
        MANIFEST,
        kind="simteller",
        name="Teller",
        truth=Truth.SIGNED_BODY,
        lookup=Lookup.BY_REFERENCE,
        saves_errors=False,
    )


class Mute(SimProvider):
    """Says our id of a payment, but not of what is taken from it, let go or given back.

    The answer to a request names what was asked for; a read and a delivery do not.
    """

    manifest = replace(
        MANIFEST,
        kind="simmute",
        name="Mute",
        lookup=Lookup.REPLAY_KEY,
        saves_errors=False,
        echoes=frozenset(),
    )


ADAPTERS: dict[str, type[SimProvider]] = {
    one.manifest.kind: one for one in (SimProvider, Replayer, Teller, Mute)
}


def body_of(event_id: str, payment: Payment) -> bytes:
    """What a webhook says: an id and which payment; never an amount that anybody believes."""
    told = {"id": event_id, "type": payment.status, "payment": payment.id, "amount": 1}
    return json.dumps(told).encode()


def _subject_of(request: Any) -> str:
    """The public id of what a request asks for, below its payment."""
    names = ("capture_id", "cancellation_id", "refund_id")
    return next((getattr(request, name) for name in names if hasattr(request, name)), "")


def _value(references: tuple[Reference, ...], kind: str) -> str:
    return next((one.value for one in references if one.kind == kind), "")
