"""Which of our rows the provider is speaking of.

A subject is found by a reference heard before; else by our own id where the provider echoes
it; else, where the provider does not always echo, it is a sent or unknown row of that parent
and amount that has no reference of that kind yet, once no answer can come any more that would
name it, or one that two people decided about and the provider has not named; else it is new
to us and gets a row of its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core import rows
from payments.errors import UnknownSubject
from payments.models import (
    Cancellation,
    Capture,
    Dispute,
    PaymentAttempt,
    ProviderOperation,
    ProviderReference,
    Refund,
)
from payments.models.attempts import Origin
from payments.providers.base import Lookup, SubjectKind
from payments.registry import provider_class
from payments.services import decided
from payments.services.payment import INVOICES, FirstLook

if TYPE_CHECKING:
    from payments.models import ProviderAccount
    from payments.providers.base import Manifest, News, Reference, Snapshot
    from payments.services.payment import Payment

ROWS_OF = {
    SubjectKind.CAPTURE: "captures",
    SubjectKind.CANCELLATION: "cancellations",
    SubjectKind.REFUND: "refunds",
    SubjectKind.DISPUTE: "disputes",
}
FIND_BY_OUR_ID = f"""
    SELECT attempt.id, intent.id, intent.version, {INVOICES}
      FROM payments_paymentattempt attempt
      JOIN payments_paymentintent intent ON intent.id = attempt.intent_id
     WHERE attempt.public_id = %s AND attempt.account_id = %s
"""  # noqa: S608 - of our own parts
FIND_BY_REFERENCE = f"""
    SELECT reference.attempt_id, intent.id, intent.version, {INVOICES}
      FROM payments_providerreference reference
      JOIN payments_paymentintent intent ON intent.id = reference.intent_id
     WHERE reference.account_id = %s AND reference.kind = %s AND reference.reference = %s
"""  # noqa: S608 - of our own parts
UNANSWERED = (ProviderOperation.Status.SENT, ProviderOperation.Status.UNKNOWN)


def find_attempt(account: ProviderAccount, news: News) -> tuple[int, FirstLook]:
    """Return the pk of the attempt the news is about, and its payment at first look.

    Raises UnknownSubject where no row of ours has that id or reference, or not yet.
    """
    if news.our_id and (found := rows.select(FIND_BY_OUR_ID, [news.our_id, account.pk])):
        return _found(*found[0])
    for reference in news.references:
        named = [account.pk, reference.kind, reference.value]
        if found := rows.select(FIND_BY_REFERENCE, named):
            return _found(*found[0])
    raise UnknownSubject(news.our_id or str(news.references))


def _found(attempt_id: int, *seen: Any) -> tuple[int, FirstLook]:
    return attempt_id, FirstLook(*seen)


class Identity:
    """Names the subjects of one snapshot, and remembers new references."""

    def __init__(self, payment: Payment, attempt: PaymentAttempt) -> None:
        self.payment = payment
        self.attempt = attempt
        self._names = {
            (row.kind, row.reference): row
            for row in rows.read(ProviderReference, "WHERE attempt_id = %s", [attempt.pk])
        }
        self.waiting: list[News] = []

    def name_all(self, snapshot: Snapshot) -> list[tuple[str, News]]:
        """Return each piece of news with the public id of its subject.

        Creates rows for subjects that are new to us, and has new references stored. What an
        answer that is under way may yet name is left out, and stands in `waiting`.
        """
        named: list[tuple[str, News]] = []
        for news in snapshot.news():
            if (subject := self._subject(news)) is None:
                self.waiting.append(news)
            else:
                self._remember(news, subject)
                named.append((subject, news))
        return named

    def _subject(self, news: News) -> str | None:
        if news.kind is SubjectKind.ATTEMPT:
            return self.attempt.public_id
        if any(news.parent in one.references for one in self.waiting):
            return None
        return self._by_reference(news) or self._by_our_id(news) or self._adopt(news)

    def _rows(self, kind: SubjectKind) -> list[Any]:
        found: list[Any] = getattr(self.payment, ROWS_OF[kind])
        return found

    def _by_our_id(self, news: News) -> str | None:
        """Find our row, unless it was taken for something else before: that stays as it is."""
        known = (row.public_id for row in self._rows(news.kind))
        if not news.our_id or news.our_id not in known:
            return None
        is_taken = not self._is_echoed(news.kind) and self._has_reference_like(news, news.our_id)
        return None if is_taken else news.our_id

    def _by_reference(self, news: News) -> str | None:
        for reference in news.references:
            row = self._names.get((reference.kind, reference.value))
            if row is not None and row.subject_kind == news.kind:
                return row.subject_id
        return None

    def _adopt(self, news: News) -> str | None:
        """Take an unanswered row that fits, else make a row for what is new to us.

        News without our id of what is always echoed is about what others did, in a dashboard,
        say. Where it is not echoed, an answer that names its subject is waited for; when none
        can come any more, rows that fit are as good as each other.
        """
        if (charged := self._decided_charge(news)) is not None:
            return charged
        parent = self._parent(news)
        fitting = [row for row in self._rows(news.kind) if self._fits(row, news, parent)]
        if not fitting or self._is_echoed(news.kind):
            return str(self._create(news, parent).public_id)
        if any(self._may_be_named(news.kind, row) for row in fitting):
            return None
        return str(fitting[0].public_id)

    def _decided_charge(self, news: News) -> str | None:
        """Return the capture that two people decided a charge had made, until it has a name."""
        if news.kind is not SubjectKind.CAPTURE:
            return None
        capture = decided.capture_of_charge(self.payment, self.attempt)
        if capture is None or self._has_reference_like(news, capture.public_id):
            return None
        return capture.public_id

    def _is_echoed(self, kind: SubjectKind) -> bool:
        return kind in self._manifest.echoes

    @property
    def _manifest(self) -> Manifest:
        return provider_class(self.attempt.account.kind).manifest

    def _may_be_named(self, kind: SubjectKind, row: Any) -> bool:
        """Whether the answer to our own request for this row may still come."""
        operation = self._unanswered(kind, row)
        if operation is None or operation.last_sent_at is None:
            return False
        until = operation.last_sent_at
        if self._manifest.lookup is Lookup.REPLAY_KEY:
            until = max(until, operation.send_until)
        return timezone.now() < until + timedelta(seconds=self._manifest.longest_request_s)

    def _fits(self, row: Any, news: News, parent: Capture | None) -> bool:
        is_same_parent = (
            row.attempt_id == self.attempt.pk if parent is None else row.capture_id == parent.pk
        )
        return (
            is_same_parent
            and (row.amount, row.currency) == (news.amount.minor, news.amount.currency)
            and self._waits_for_its_name(news.kind, row)
            and not self._has_reference_like(news, row.public_id)
        )

    def _waits_for_its_name(self, kind: SubjectKind, row: Any) -> bool:
        """Whether we asked for the row and the provider has not said what became of it."""
        if self._unanswered(kind, row) is not None:
            return True
        return decided.is_decided(self.payment, kind.value, row.public_id)

    def _unanswered(self, kind: SubjectKind, row: Any) -> ProviderOperation | None:
        """Return the operation that asked for the row and has no answer yet."""
        field = {
            SubjectKind.CAPTURE: "capture_id",
            SubjectKind.CANCELLATION: "cancellation_id",
            SubjectKind.REFUND: "refund_id",
        }.get(kind)
        if field is None:
            return None
        open_ones = self.payment.open_operations
        own = (one for one in open_ones if getattr(one, field) == row.pk)
        return next((one for one in own if one.status in UNANSWERED), None)

    def _has_reference_like(self, news: News, subject: str) -> bool:
        kinds = {reference.kind for reference in news.references}
        return any(
            name.subject_id == subject and name.kind in kinds for name in self._names.values()
        )

    def _parent(self, news: News) -> Capture | None:
        """Return the capture that a refund or dispute takes money from.

        Raises UnknownSubject where the provider names none that we know.
        """
        if news.kind in {SubjectKind.CAPTURE, SubjectKind.CANCELLATION}:
            return None
        own = [c for c in self.payment.captures if c.attempt_id == self.attempt.pk]
        if news.parent is not None:
            name = self._names.get((news.parent.kind, news.parent.value))
            own = [c for c in own if name is not None and c.public_id == name.subject_id] or own
        if len(own) != 1:
            raise UnknownSubject(f"{news.kind} without its capture")
        return own[0]

    def _create(self, news: News, parent: Capture | None) -> Any:
        values: dict[str, Any] = {"amount": news.amount.minor, "currency": news.amount.currency}
        row: Any
        if news.kind is SubjectKind.CAPTURE:
            row = Capture(attempt=self.attempt, origin=Origin.PROVIDER, **values)
        elif news.kind is SubjectKind.CANCELLATION:
            row = Cancellation(attempt=self.attempt, origin=Origin.PROVIDER, **values)
        elif news.kind is SubjectKind.REFUND:
            pending = Refund.Status.PENDING
            row = Refund(capture=parent, origin=Origin.PROVIDER, status=pending, **values)
        else:
            row = Dispute(capture=parent, reason=news.reason[:200], **values)
        known = self._rows(news.kind)
        rows.insert(row)
        known.append(row)
        return row

    def _remember(self, news: News, subject: str) -> None:
        for reference in news.references:
            if (reference.kind, reference.value) not in self._names:
                row = self._reference(reference, news, subject)
                self._names[reference.kind, reference.value] = row
                self.payment.put(row)

    def _reference(self, reference: Reference, news: News, subject: str) -> ProviderReference:
        return ProviderReference(
            account_id=self.attempt.account_id,
            kind=reference.kind,
            reference=reference.value,
            intent_id=self.attempt.intent_id,
            attempt=self.attempt,
            subject_kind=news.kind.value,
            subject_id=subject,
        )
