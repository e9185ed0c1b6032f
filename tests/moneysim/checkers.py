"""The invariants, asked of a database that has come to rest and of the providers' own books.

Each finding begins with the invariant's number in `docs/dependability.md`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from core import rows, seals
from core.models import AuditEvent
from crm.models import OutgoingMessage, TimelineEntry
from orders.models import CreditNote, Invoice
from payments.models import (
    Capture,
    CheckoutSession,
    OutcomeDecision,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
    Refund,
    WebhookEvent,
)
from payments.models.attempts import Origin
from payments.services.verifying import differences
from tests.moneysim.bank import MOVED
from tests.moneysim.provider import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.moneysim.bank import Bank, Payment
    from tests.moneysim.world import World

ONCE = frozenset({"page", "authorisation", "capture", "cancellation", "refund"})
BEYOND = ("more_than_taken", "more_than_held")
ACKNOWLEDGED = {
    "payment-intents": PaymentIntent,
    "checkout-sessions": CheckoutSession,
    "refunds": Refund,
}
REFUNDED = """
    SELECT c.attempt_id, sum(r.amount) FROM payments_refund r
      JOIN payments_capture c ON c.id = r.capture_id
     WHERE r.status = 'succeeded' GROUP BY 1
"""


def findings(world: World) -> list[str]:
    """Say everything that is not as it must be."""
    return [
        *_money_agrees(),
        *_effects_happen_once(),
        *_requests_stay_within_limits(),
        *_a_second_person_decided(),
        *_what_follows_happens_once(),
        *_messages_go_out_once(world),
        *_unknown_is_not_failed(),
        *_everything_ended(),
        *_no_delivery_is_lost(world),
        *_nothing_forged_is_believed(world),
        *_deeds_are_audited(),
        *_the_client_got_what_it_was_told(world),
        *_numbers_have_no_gap(),
    ]


def _banks() -> Iterator[Bank]:
    for door in DOORS.values():
        yield door.bank


def _payments_of(our_id: str) -> list[Payment]:
    return [one for bank in _banks() for one in bank.payments.values() if one.our_id == our_id]


def _money_agrees() -> Iterator[str]:
    yield from (f"I-1: {one}" for one in differences())
    attempts = rows.read(PaymentAttempt, "ORDER BY id", [])
    known = {attempt.public_id for attempt in attempts}
    for bank in _banks():
        for payment in bank.payments.values():
            if payment.our_id not in known:
                yield f"I-1: {payment.id} at {bank.name} is about no attempt of ours"
    refunded = dict(rows.select(REFUNDED, []))
    for attempt in attempts:
        yield from _attempt_agrees(attempt, int(refunded.get(attempt.pk, 0)))
    yield from _money_is_used()
    if Invoice.objects.filter(is_posted=False).exists():
        yield "I-1: an invoice or credit note is not in the ledger"


def _attempt_agrees(attempt: PaymentAttempt, refunded: int) -> Iterator[str]:
    """What we believe of an attempt is what stands in the provider's books."""
    theirs = _payments_of(attempt.public_id)
    if any(payment.amount != attempt.amount for payment in theirs):
        yield f"I-1: the provider was asked for another amount than {attempt.amount}"
    for what, ours, kind in (
        ("captured", attempt.captured, "capture"),
        ("cancelled", attempt.cancelled, "cancellation"),
        ("refunded", refunded, "refund"),
    ):
        at_bank = sum(payment.sum_of(kind) for payment in theirs)
        if ours != at_bank:
            yield (
                f"I-1: {what} is {ours} here and {at_bank} at the provider,"
                f" of an attempt that is {attempt.status}"
            )


def _money_is_used() -> Iterator[str]:
    """No money lies free while the invoice it was meant for is open."""
    free = PaymentIntent.objects.filter(refunded=0, surplus__gt=0, order=None)
    for intent in free.prefetch_related("items__invoice"):
        if any(item.invoice.open_amount for item in intent.items.all()):
            yield "I-1: money lies free while its invoice is open"


def _effects_happen_once() -> Iterator[str]:
    for bank in _banks():
        counts = Counter((one.kind, one.our_id) for one in bank.effects if one.kind in ONCE)
        for (kind, _), count in counts.items():
            if count > 1:
                yield f"I-2: {count} times {kind} under one of our ids at {bank.name}"


def _requests_stay_within_limits() -> Iterator[str]:
    told = Refund.objects.filter(origin=Origin.PROVIDER).values("capture__attempt__intent_id")
    beyond = ProviderOperation.objects.filter(error_code__in=BEYOND)
    for operation in beyond.exclude(intent_id__in=told).exclude(intent__disputed__gt=0):
        yield f"I-3: a {operation.kind} asked for more than there was: {operation.error_code}"
    for capture in Capture.objects.prefetch_related("refunds"):
        ours = [one for one in capture.refunds.all() if one.origin == Origin.OURS]
        asked = sum(one.amount for one in ours if one.status not in Refund.RELEASED)
        if asked > capture.captured:
            yield f"I-3: refunds of {asked} are asked of a capture of {capture.captured}"


def _a_second_person_decided() -> Iterator[str]:
    """What was above a limit left once, approved by somebody else, or not at all."""
    for refund in Refund.objects.exclude(above_limit=""):
        sent = ProviderOperation.objects.filter(refund=refund).count()
        was_approved = refund.decided_by_id not in {None, refund.requested_by_id}
        if sent != int(was_approved):
            yield f"I-3: a refund above the limit is {refund.status} and was sent {sent} times"
    for decision in OutcomeDecision.objects.select_related("operation"):
        said = PaymentEvent.objects.filter(
            source="operator", detail__decision=decision.public_id
        ).count()
        is_true = decision.decided_by_id not in {None, decision.requested_by_id}
        if said != int(is_true and decision.status == "approved"):
            yield f"I-6: what was decided is {decision.status} and was said {said} times"


def _what_follows_happens_once() -> Iterator[str]:
    receipts = Counter(OutgoingMessage.objects.filter(kind="receipt").values_list("cause"))
    told = Counter(
        TimelineEntry.objects.filter(
            kind__in=["payment_succeeded", "refund_succeeded"]
        ).values_list("data__subject")
    )
    for (capture,) in Capture.objects.filter(captured__gt=0).values_list("public_id"):
        if receipts[capture,] != 1:
            yield f"I-4: {receipts[capture,]} receipts for one capture"
        if told[capture,] != 1:
            yield f"I-4: a capture is told {told[capture,]} times"
    for (refund,) in Refund.objects.filter(status="succeeded").values_list("public_id"):
        if told[refund,] != 1:
            yield f"I-4: a refund is told {told[refund,]} times"


def _messages_go_out_once(world: World) -> Iterator[str]:
    for count in world.gateway.reached.values():
        if count > 1:
            yield f"I-4: a message reached its customer {count} times"


def _unknown_is_not_failed() -> Iterator[str]:
    given_up = rows.read(ProviderOperation, "WHERE status IN ('not_executed', 'declined')", [])
    for operation in given_up:
        subject = operation.refund or operation.capture or operation.cancellation
        payments = _payments_of(operation.attempt.public_id)
        if subject is not None:
            moved = any(
                one.our_id == subject.public_id and one.status in MOVED
                for payment in payments
                for one in payment.movements
            )
        elif operation.kind == "charge":
            moved = any(payment.status == "authorised" for payment in payments)
        else:
            moved = operation.kind == "create" and bool(payments)
        if moved:
            yield f"I-6: a {operation.kind} is {operation.status} here and happened there"


def _everything_ended() -> Iterator[str]:
    for attempt in PaymentAttempt.objects.filter(status__in=["pending", "unknown"]):
        yield f"I-7: an attempt is still {attempt.status} days later"
    for session in CheckoutSession.objects.filter(status__in=["open", "closing"]):
        yield f"I-7: a link is still {session.status} days later"
    if PaymentIntent.objects.filter(blocked_by_unknown=True).exists():
        yield "I-7: a payment is still blocked"


def _no_delivery_is_lost(world: World) -> Iterator[str]:
    kept = dict(WebhookEvent.objects.values_list("event_id", "state"))
    for courier in world.couriers:
        for event_id in courier.delivered:
            if kept.get(event_id) not in {"done", "rejected"}:
                yield f"I-8: a delivery that was answered well is {kept.get(event_id)}"


def _nothing_forged_is_believed(world: World) -> Iterator[str]:
    for courier in world.couriers:
        for _ in courier.believed_forgeries:
            yield "I-10: a forged delivery was answered well"


def _deeds_are_audited() -> Iterator[str]:
    audited = Counter(AuditEvent.objects.values_list("action", "object_id"))
    deeds = [
        *(("payment_intent.created", pk) for pk in _ids(PaymentIntent)),
        *(("checkout_session.opened", pk) for pk in _ids(CheckoutSession)),
        *(
            ("refund.requested", pk)
            for pk in Refund.objects.filter(origin=Origin.OURS).values_list("public_id", flat=True)
        ),
    ]
    for action, public_id in deeds:
        if audited[action, public_id] != 1:
            yield f"I-11: {audited[action, public_id]} audit rows for one {action}"
    seals.make_seal()
    yield from (f"I-11: {finding}" for finding in seals.verify())


def _ids(model: type[PaymentIntent | CheckoutSession]) -> list[str]:
    return list(model.objects.values_list("public_id", flat=True))


def _the_client_got_what_it_was_told(world: World) -> Iterator[str]:
    for path, public_id in world.shop.acknowledged:
        model: Any = ACKNOWLEDGED.get(path)
        if model is not None and not model.objects.filter(public_id=public_id).exists():
            yield f"I-13: {path} was acknowledged and is not there"
    keys = Counter(key.rpartition(" ")[2] for key in set(world.shop.asked))
    if PaymentIntent.objects.filter(channel="api").count() > keys["intent"]:
        yield "I-13: more payments than were asked for"


def _numbers_have_no_gap() -> Iterator[str]:
    numbers = sorted(int(one[1:]) for one in CreditNote.objects.values_list("number", flat=True))
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"I-20: credit notes are numbered {numbers}"
