"""Finding out what became of operations without an answer. It reads, it never guesses.

An operation leaves `unknown` only by the provider's word: a snapshot that shows it, `Absent`,
or a snapshot in which everything like it is something else, once the provider is consistent.
Time alone never decides.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from core import leases, locks
from payments.errors import UnknownSubject
from payments.models import ProviderOperation, ProviderReference
from payments.models.events import Source
from payments.providers.base import Absent, Lookup, Snapshot, SubjectKind
from payments.providers.errors import ProviderError
from payments.services import operations, requests, settling
from payments.services.apply import apply_snapshot, conclude
from payments.services.payment import in_one_transaction, lock_payment

logger = logging.getLogger(__name__)

Kind = ProviderOperation.Kind
Status = ProviderOperation.Status

NAMED: dict[str, SubjectKind] = {
    Kind.CAPTURE: SubjectKind.CAPTURE,
    Kind.CANCEL: SubjectKind.CANCELLATION,
    Kind.REFUND: SubjectKind.REFUND,
}
BATCH = 20
LEASE_S = 60
WAITING = "status = 'unknown' AND resolve_at <= now()"
WAITS_S = (5, 10, 20, 30, 60, 120, 300, 900, 3600, 21_600, 86_400)


def run() -> int:
    """Look for every operation whose turn it is. Safe to run twice, at once, or late."""
    done = 0
    while ids := leases.claim(ProviderOperation, WAITING, {}, limit=BATCH, seconds=LEASE_S):
        for operation in requests.read_operations(ids):
            resolve(operation)
        done += len(ids)
    return done


def resolve(operation: ProviderOperation) -> None:
    """Look for one claimed operation's trace, and record what the provider says."""
    locks.assert_no_transaction()
    if requests.lookup_of(operation) is Lookup.REPLAY_KEY and timezone.now() < operation.send_until:
        operations.send(operation)
        # Each repeat that says nothing new is followed by a longer wait, as each look is.
        look_again(operation.pk)
        return
    try:
        found = requests.looker_of(operation)()
    except ProviderError as error:
        logger.info("no answer yet", extra={"operation": operation.public_id, "code": error.code})
        look_again(operation.pk)
        return
    if isinstance(found, Snapshot):
        _apply(operation, found)
    else:
        record_absence(operation.pk, found)


def _apply(operation: ProviderOperation, found: Snapshot) -> None:
    try:
        apply_snapshot(account=operation.account, snapshot=found, source=Source.POLL)
    except UnknownSubject:
        logger.warning("found, but not ours", extra={"operation": operation.public_id})
    _close_lost_page(operation.pk)
    if _is_of_others(operation, found):
        record_absence(operation.pk, Absent())
    else:
        look_again(operation.pk)


def _is_of_others(operation: ProviderOperation, found: Snapshot) -> bool:
    """Whether everything that could be what we asked for bears the name of something else.

    Where a provider does not say our ids, it shows what looks like ours. Names are for ever
    ([decision 12](docs/adr/0012-whose-news-it-is.md)): what has one is not ours.
    """
    kind = NAMED.get(operation.kind)
    if kind is None or kind in requests.echoes_of(operation):
        return False
    alike = [one for one in found.news() if (one.kind, one.amount) == (kind, operation.money)]
    names = set(
        ProviderReference.objects.filter(attempt=operation.attempt_id).values_list(
            "kind", "reference"
        )
    )
    return all(any((it.kind, it.value) in names for it in one.references) for one in alike)


@in_one_transaction
def _close_lost_page(operation_id: int) -> None:
    """A page that was lost and replaced is closed once it is found."""
    row = ProviderOperation.objects.select_related("attempt").get(pk=operation_id)
    if row.kind != Kind.CREATE or row.attempt.superseded_at is None:
        return
    payment = lock_payment(row.intent_id)
    attempt = payment.attempt_by_id(row.attempt_id)
    if attempt.status in settling.UNDER_WAY:
        settling.ask_to_close(payment, attempt)
        conclude(payment)


@in_one_transaction
def record_absence(operation_id: int, _absent: Absent) -> None:
    """The provider knows nothing of it: not carried out, once that word can be trusted.

    It can after `consistent_after_s` and the longest request, counted from the last send.
    """
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = next((o for o in payment.open_operations if o.pk == operation_id), None)
    if operation is None or operation.status != Status.UNKNOWN or operation.last_sent_at is None:
        return
    settled_after = timedelta(seconds=requests.settled_after_s(operation))
    if timezone.now() < operation.last_sent_at + settled_after:
        _postpone(operation)
        return
    operation.status = Status.NOT_EXECUTED
    operation.resolve_at = None
    operation.save(update_fields=["status", "resolve_at"])
    payment.open_operations.remove(operation)
    if operation.kind not in (Kind.CLOSE_SESSION, Kind.ASK):
        payment.add([operations.own_fact(operation, "not_executed", Source.POLL)])
    conclude(payment)


@in_one_transaction
def look_again(operation_id: int) -> None:
    """Set the next look for an operation that is still unknown."""
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = next((o for o in payment.open_operations if o.pk == operation_id), None)
    if operation is not None and operation.status == Status.UNKNOWN:
        _postpone(operation)


def _postpone(operation: ProviderOperation) -> None:
    wait = WAITS_S[min(operation.resolves, len(WAITS_S) - 1)]
    operation.resolves += 1
    operation.resolve_at = timezone.now() + timedelta(seconds=wait)
    operation.lease_token = None
    operation.lease_until = None
    operation.save(update_fields=["resolves", "resolve_at", "lease_token", "lease_until"])
