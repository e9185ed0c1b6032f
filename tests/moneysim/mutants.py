"""Planted bugs, put into the running product by the harness alone: each must be caught.

Nothing of this is in the product and no setting switches it on: a mutant is a patch that one
process of the simulator sets on its own modules, for one schedule.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core import idempotency, locks, rows
from core.fields import cipher
from core.ids import make_public_id
from core.money import Money
from orders.models import Invoice
from payments.models import PaymentIntent, ProviderOperation, WebhookEvent
from payments.providers.base import Snapshot, SubjectKind
from payments.providers.errors import OutcomeUnknown, ProviderUnavailable
from payments.providers.signatures import signed_event
from payments.services import (
    apply,
    approvals,
    charges,
    operations,
    payment,
    refunds,
    requests,
    resolver,
    webhooks,
)
from payments.services.identity import Identity
from payments.services.payment import Payment
from tests.moneysim import provider
from tests.moneysim.faults import MOST
from tests.moneysim.situations import Situation

if TYPE_CHECKING:
    from tests.moneysim.patches import Patches

type Mutant = Callable[[Patches], None]

MUTANTS: dict[str, Mutant] = {}
HUNTS: dict[str, Situation] = {}
"""Where each of them is looked for."""
FETCHES, REPLAYS = ("simkeeper",), ("simreplayer",)
TELLS, SAYS_NO_ID = ("simteller",), ("simmute",)


def planted(
    *plays: str,
    kinds: tuple[str, ...] = (),
    stay: float | None = None,
    heals_after_s: float | None = None,
    **rates: float,
) -> Callable[[Mutant], Mutant]:
    """Give a mutant its name, and say where it shows: in which plays, under which faults.

    Nothing else goes wrong there, so that the plays come to where the bug is.
    """
    only = dict.fromkeys(MOST, 0.0) | rates
    where = Situation(plays, len(plays), kinds, only, stay, heals_after_s)

    def named(function: Mutant) -> Mutant:
        MUTANTS[function.__name__] = function
        HUNTS[function.__name__] = where
        return function

    return named


@planted("pay_by_link", "refund_fully", kinds=REPLAYS, lost_answer=0.4, read_fails=0.8)
def new_key_on_retry(patches: Patches) -> None:
    """Each send of an operation has a key of its own."""
    made = requests.of

    def of(adapter: Any, operation: ProviderOperation) -> Any:
        call, request = made(adapter, operation)
        return call, replace(request, key=make_public_id("op"))  # type: ignore[type-var]

    patches.set(requests, "of", of)


@planted("refund_elsewhere", kinds=FETCHES, read_fails=0.4)
def ack_first(patches: Patches) -> None:
    """Deliveries count as done before they are applied."""
    work_off = webhooks.work_off

    def first(batch: Any) -> None:
        WebhookEvent.objects.filter(pk__in=[event.pk for event in batch]).update(state="done")
        work_off(batch)

    patches.set(webhooks, "work_off", first)


@planted("refund_in_parts", stay=0.0)
def refund_without_lock(patches: Patches) -> None:
    """A refund looks at what is left without holding the payment, or its agent."""
    patches.set(refunds, "lock_payment", _unlocked)
    patches.set(refunds, "one_at_a_time", lambda _person: None)


@planted("refund_above_limit", stay=0.0)
def approved_without_lock(patches: Patches) -> None:
    """Who approves or withdraws looks at the refund without holding its payment."""
    patches.set(approvals, "lock_payment", _unlocked)
    patches.set(approvals, "one_at_a_time", lambda _person: None)


@planted("two_reservations", stay=0.0)
def lock_on_the_wrong_row(patches: Patches) -> None:
    """Rows of another table are locked: orders, where it should be payments and invoices."""

    def wrong(_rank: locks.Rank, model: Any, pks: Any) -> Any:
        keys = [list(pks)]
        rows.select("SELECT 1 FROM orders_order WHERE id = ANY(%s) FOR NO KEY UPDATE", keys)
        return rows.read(model, "WHERE id = ANY(%s) ORDER BY id", keys) if pks else []

    patches.set(locks, "by_pk", wrong)


@planted("refund_fully", "capture_in_parts", kinds=FETCHES, late_request=0.5, webhook_lost=1.0)
def fail_by_time(patches: Patches) -> None:
    """What the provider does not find counts as not carried out, at once."""
    absence = resolver.record_absence

    def at_once(operation_id: int, absent: Any) -> None:
        ProviderOperation.objects.filter(pk=operation_id).update(
            last_sent_at=timezone.now() - timedelta(days=1)
        )
        absence(operation_id, absent)

    patches.set(resolver, "record_absence", at_once)


@planted("pay_by_link", "refund_fully", lost_answer=0.5)
def unknown_is_failed(patches: Patches) -> None:
    """A lost answer counts as a refusal."""
    patches.set(operations, "_becomes_unknown", _refused)


@planted("pay_and_look_away", kinds=FETCHES)
def body_trusted(patches: Patches) -> None:
    """Amounts are taken from the body of a delivery, where it is the newest word."""
    apply_answer = webhooks._apply_answer

    def by_body(account: Any, events: Any, answer: Any) -> None:
        if isinstance(answer, Snapshot) and answer.captures:
            told = json.loads(cipher().decrypt(bytes(events[0].raw.body)))
            amount = Money(told["amount"], answer.captures[0].amount.currency)
            version = (answer.captures[0].version or 0) + 1
            captures = tuple(
                replace(one, amount=amount, version=version) for one in answer.captures
            )
            answer = replace(answer, captures=captures)
        apply_answer(account, events, answer)

    patches.set(webhooks, "_apply_answer", by_body)


@planted("pay_by_link", "two_links", "change_method", "cancel")
def float_amounts(patches: Patches) -> None:
    """Amounts become units and back again, in floats."""

    def in_floats(make: Callable[[ProviderOperation], Any], operation: ProviderOperation) -> Any:
        request = make(operation)
        units = request.amount.minor / 100
        return replace(request, amount=Money(int(units * 100), request.amount.currency))

    for name in ("_create", "_charge", "_capture", "_refund"):
        patches.set(requests, name, partial(in_floats, getattr(requests, name)))


@planted("capture_in_parts", "refund_in_parts", stay=0.0)
def inverted_lock_order(patches: Patches) -> None:
    """The payment is locked before its invoices, by a statement that no rule sees."""
    lock = payment.lock_seen

    def inverted(seen: payment.FirstLook) -> Any:
        first = "SELECT 1 FROM payments_paymentintent WHERE id = %s FOR UPDATE"
        rows.select(first, [seen.intent_id])
        return lock(seen)

    patches.set(apply, "lock_seen", inverted)


@planted("two_reservations", stay=0.0)
def stale_write(patches: Patches) -> None:
    """What is written was read before the lock was there."""
    by_pk = locks.by_pk

    def stale(rank: locks.Rank, model: Any, pks: Any) -> Any:
        before = rows.read(model, "WHERE id = ANY(%s) ORDER BY id", [list(pks)]) if pks else []
        by_pk(rank, model, pks)
        return before

    patches.set(locks, "by_pk", stale)


@planted("pay_by_link", crash_after_commit=0.2, commit_unanswered=0.2)
def effect_outside_the_transaction(patches: Patches) -> None:
    """A receipt is asked for after the commit."""

    def later(_payment: Payment, row: Any) -> None:
        transaction.on_commit(partial(rows.insert_once, row))

    patches.set(Payment, "put_once", later)


@planted("pay_by_link", webhook_forged=1.0)
def unsigned_webhook_accepted(patches: Patches) -> None:
    """Whoever knows the address is believed."""
    patches.set(provider, "signed_event", lambda body, *_rest: json.loads(body))


@planted("pay_by_link", answer_lost_to_client=0.4)
def no_dedupe_of_requests(patches: Patches) -> None:
    """The same Idempotency-Key makes another object each time."""
    reserve = idempotency.reserve

    def always_new(**asked: Any) -> Any:
        return reserve(**{**asked, "key": make_public_id("key")})

    patches.set(idempotency, "reserve", always_new)


@planted("pay_by_link", "refund_fully", lost_answer=0.5)
def failover_after_a_lost_answer(patches: Patches) -> None:
    """A time-out counts as if nothing had been sent."""
    record = operations.record_error

    def hopeful(operation_id: int, error: Any) -> None:
        if isinstance(error, OutcomeUnknown):
            error = ProviderUnavailable(str(error), code=error.code)
        record(operation_id, error)

    patches.set(operations, "record_error", hopeful)


@planted("capture_in_parts", kinds=REPLAYS, outage=0.3, webhook_lost=1.0)
def sent_after_its_time(patches: Patches) -> None:
    """An operation is repeated after the provider has forgotten its key."""
    send_until = timezone.now() + timedelta(days=400)
    find = resolver.resolve

    def resolve(operation: ProviderOperation) -> None:
        operation.send_until = send_until
        ProviderOperation.objects.filter(pk=operation.pk).update(send_until=send_until)
        find(operation)

    patches.set(resolver, "resolve", resolve)


def _match_by_amount(patches: Patches, *, where_echoed: bool) -> None:
    """Name subjects as it was once done: our id, a reference, else the one row that fits."""

    def adopt(identity: Identity, news: Any) -> str:
        parent = identity._parent(news)
        fitting = [one for one in identity._rows(news.kind) if identity._fits(one, news, parent)]
        is_matched = where_echoed or not identity._is_echoed(news.kind)
        is_ours = len(fitting) == 1 and is_matched
        row = fitting[0] if is_ours else identity._create(news, parent)
        return str(row.public_id)

    def subject(identity: Identity, news: Any) -> str:
        if news.kind is SubjectKind.ATTEMPT:
            return identity.attempt.public_id
        ids = [row.public_id for row in identity._rows(news.kind)]
        if news.our_id in ids:
            return str(news.our_id)
        return identity._by_reference(news) or adopt(identity, news)

    patches.set(Identity, "_subject", subject)


def _unlocked(intent_id: int) -> payment.Payment:
    """A payment as it stands, with nothing held."""
    (intent,) = rows.read(PaymentIntent, "WHERE id = %s", [intent_id])
    wanted = payment.invoice_ids(intent_id)
    return payment.Payment(intent, rows.read(Invoice, "WHERE id = ANY(%s)", [wanted]))


def _refused(held: payment.Payment, operation: ProviderOperation) -> None:
    operations._not_carried_out(held, operation, OutcomeUnknown())


@planted("pay_by_link", kinds=TELLS, task_lost=1.0, webhook_late=1.0)
def signature_against_the_clock(patches: Patches) -> None:
    """A signed body that waited is held against the clock again. (Once a bug of ours.)"""
    patches.set(
        provider, "signed_event", lambda body, head, secret, _at: signed_event(body, head, secret)
    )


@planted("cancel_meanwhile", slow=0.8, near_timeout=0.8, webhook_lost=1.0)
def called_off_while_taken(patches: Patches) -> None:
    """A payment is called off while a part of it is being taken. (Once a bug of ours.)"""
    patches.set(Payment, "is_being_taken", lambda _payment: False)


@planted("dashboard_refund", slow=1.0)
def theirs_taken_for_ours(patches: Patches) -> None:
    """A refund made in a dashboard is taken for ours of the same amount. (Once a bug of ours.)"""

    _match_by_amount(patches, where_echoed=True)


@planted("refund_in_parts", "dashboard_refund", kinds=SAYS_NO_ID, slow=0.8)
def named_by_amount(patches: Patches) -> None:
    """News without our id never waits for the answer that has it. (Once a bug of ours.)"""
    _match_by_amount(patches, where_echoed=False)


@planted("refund_fully", kinds=REPLAYS, unavailable=0.85, heals_after_s=3 * 3_600.0)
def tried_and_never_closed(patches: Patches) -> None:
    """What was tried and reached nobody is never given up. (Once a bug of ours.)"""
    give_up = operations.give_up_unsent

    def if_untried(operation_id: int) -> None:
        if not ProviderOperation.objects.get(pk=operation_id).sends:
            give_up(operation_id)

    patches.set(operations, "give_up_unsent", if_untried)


@planted("cancel_meanwhile", slow=0.8, near_timeout=0.8, webhook_lost=1.0)
def taken_while_let_go(patches: Patches) -> None:
    """What is being let go counts as still to be taken. (Once a bug of ours.)"""

    def only_captures(held: payment.Payment, attempt: Any) -> int:
        return sum(
            one.amount
            for one in held.captures
            if one.attempt_id == attempt.pk and one.status in {"pending", "unknown"}
        )

    patches.set(charges, "_in_flight", only_captures)


@planted("refund_in_parts", kinds=SAYS_NO_ID, lost_request=0.5, heals_after_s=72 * 3_600.0)
def blocked_by_its_twin(patches: Patches) -> None:
    """What bears the name of something else is taken for a trace of ours. (Once a bug of ours.)"""
    patches.set(resolver, "_is_of_others", lambda _operation, _found: False)
