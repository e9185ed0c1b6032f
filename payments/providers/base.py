"""What every payment provider must be able to say, and how it says what went wrong.

An adapter takes and returns the frozen dataclasses below and translates one provider. It
knows nothing of the database, never retries by itself, and never decides what news means:
that is the work of `payments.lifecycle`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from payments.providers.errors import ProviderRejected
from payments.providers.manifests import (
    Capability,
    Entry,
    Lookup,
    Manifest,
    OperationKind,
    SubjectKind,
    Truth,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from core.money import Money

__all__ = [
    "Absent",
    "BalanceTransaction",
    "CancelRequest",
    "Capability",
    "CaptureRequest",
    "ChargeSavedMethod",
    "ClearTerminal",
    "CloseCheckout",
    "CreateCheckout",
    "Decline",
    "Entry",
    "ErrorRow",
    "FetchRequest",
    "FindRequest",
    "Lookup",
    "Manifest",
    "MethodDetails",
    "News",
    "OperationKind",
    "Page",
    "Provider",
    "PushToTerminal",
    "Reference",
    "RefundRequest",
    "Snapshot",
    "SubjectKind",
    "Truth",
    "WebhookNotice",
]


@dataclass(frozen=True, slots=True)
class Reference:
    """One of the provider's names for one of our subjects, such as `payment_intent` `pi_1`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class News:
    """What the provider says of one subject: the status reached and the cumulative amount.

    `status` is one of the subject's statuses in `payments.lifecycle`. `our_id` is the
    public id of our row where the provider echoes it. `parent` names the capture that a
    refund or dispute takes money from; None means the snapshot's only capture. `version`
    grows with each change of the subject, or is None where the provider has none.
    """

    kind: SubjectKind
    status: str
    amount: Money
    references: tuple[Reference, ...] = ()
    our_id: str = ""
    parent: Reference | None = None
    version: int | None = None
    code: str = ""
    reason: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """A refusal on a page that can still be paid. `reference` is the provider's charge id."""

    reference: str
    code: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The provider's hosted page for one attempt."""

    url: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MethodDetails:
    """What was paid with. `token` and `customer_token` are set when the method was saved."""

    method: str
    brand: str = ""
    last4: str = ""
    expires: str = ""
    token: str = ""
    customer_token: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a provider says about one attempt at this moment.

    `attempt.amount` is the amount authorised. Lists hold every capture, cancellation,
    refund and dispute the provider knows, each with its own reference and amount. `step` is
    what a card terminal waits for, `card` or `pin`, where the provider tells it.
    """

    attempt: News
    captures: tuple[News, ...] = ()
    cancellations: tuple[News, ...] = ()
    refunds: tuple[News, ...] = ()
    disputes: tuple[News, ...] = ()
    declines: tuple[Decline, ...] = ()
    step: str = ""
    page: Page | None = None
    method: MethodDetails | None = None

    def news(self) -> Iterator[News]:
        """Yield every subject, parents before children."""
        yield self.attempt
        yield from self.captures
        yield from self.cancellations
        yield from self.refunds
        yield from self.disputes


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider knows nothing of the operation that was looked for."""


@dataclass(frozen=True, slots=True)
class CreateCheckout:
    """Ask for a hosted page. `attempt_id` is echoed back; URLs are absolute.

    An `entry` other than the customer's is asked only of who has the capability MOTO.
    """

    key: str
    attempt_id: str
    amount: Money
    method: str
    description: str
    language: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    customer_email: str = ""
    customer_token: str = ""
    save_method: bool = False
    manual_capture: bool = False
    entry: Entry = Entry.CUSTOMER


@dataclass(frozen=True, slots=True)
class ChargeSavedMethod:
    """Charge a saved method while the customer is not at a page of ours."""

    key: str
    attempt_id: str
    amount: Money
    token: str
    customer_token: str
    description: str
    is_off_session: bool = False


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Take authorised money. `references` are those of the attempt."""

    key: str
    capture_id: str
    attempt_id: str
    references: tuple[Reference, ...]
    amount: Money


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Let go of what is authorised and not captured."""

    key: str
    cancellation_id: str
    attempt_id: str
    references: tuple[Reference, ...]
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back part or all of one capture."""

    key: str
    refund_id: str
    attempt_id: str
    references: tuple[Reference, ...]
    capture_references: tuple[Reference, ...]
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CloseCheckout:
    """Make a hosted page unpayable. Where it was paid already, the snapshot says so."""

    key: str
    attempt_id: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class PushToTerminal:
    """Show an amount on a card terminal. `terminal` is the provider's name of it."""

    key: str
    attempt_id: str
    amount: Money
    terminal: str
    description: str


@dataclass(frozen=True, slots=True)
class ClearTerminal:
    """Take an amount off a terminal. Where it was paid already, the snapshot says so."""

    key: str
    attempt_id: str
    references: tuple[Reference, ...]
    terminal: str


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Read the present state of one attempt.

    A reference of the kind `confirmation` is what a keypad gateway named a charge by, which the
    provider's metadata then know nothing of.
    """

    attempt_id: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class FindRequest:
    """Look for the trace of an operation whose answer was lost.

    `subject_id` is the public id of the subject the operation was to create (the attempt
    itself, a capture, cancellation or refund); `references` are those known of the attempt.
    """

    kind: OperationKind
    key: str
    attempt_id: str
    subject_id: str
    references: tuple[Reference, ...]
    amount: Money
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """What a verified delivery is about. `snapshot` is set only where truth is signed_body."""

    event_id: str
    kind: str
    references: tuple[Reference, ...]
    our_id: str = ""
    occurred_at: datetime | None = None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One line of the provider's own account with us. Minor units; `net` = amount - fee."""

    reference: str
    kind: str
    amount: Money
    fee: Money
    net: Money
    source: Reference | None
    available_at: datetime
    payout: str = ""


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One line of the error map: a provider's code for an operation and what it means.

    An empty `operation` or `code` matches any. `unified` is a code of `payments.error_codes`.
    """

    operation: str
    code: str
    unified: str


class Provider(ABC):
    """One account at one provider. Every method may raise `ProviderError`, and nothing else.

    A decline is never an error: it is a Snapshot whose attempt is `declined`, or `pending`
    with a `Decline` where the page can still be paid. Methods that change something send
    `key` as the provider's idempotency key and the subject's public id as metadata.
    """

    manifest: ClassVar[Manifest]
    errors: ClassVar[tuple[ErrorRow, ...]] = ()

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        self.credentials = credentials
        self.timeout_s = timeout_s

    @abstractmethod
    def create_checkout(self, request: CreateCheckout) -> Snapshot:
        """Open a hosted page; the snapshot carries `page`."""

    @abstractmethod
    def charge_saved_method(self, request: ChargeSavedMethod) -> Snapshot:
        """Charge a saved method; a decline is in the snapshot."""

    @abstractmethod
    def capture(self, request: CaptureRequest) -> Snapshot:
        """Take authorised money."""

    @abstractmethod
    def cancel(self, request: CancelRequest) -> Snapshot:
        """Let go of an authorisation."""

    @abstractmethod
    def refund(self, request: RefundRequest) -> Snapshot:
        """Give money back."""

    @abstractmethod
    def close_checkout(self, request: CloseCheckout) -> Snapshot:
        """Make the hosted page unpayable."""

    def push_to_terminal(self, request: PushToTerminal) -> Snapshot:
        """Show an amount on a card terminal: only where the manifest has TERMINAL.

        A terminal that is off or busy refuses (ProviderRejected); nothing was shown then.
        """
        raise ProviderRejected("This provider has no terminals.", code="no_terminals")

    def clear_terminal(self, request: ClearTerminal) -> Snapshot:
        """Take it off again."""
        raise ProviderRejected("This provider has no terminals.", code="no_terminals")

    @abstractmethod
    def fetch(self, request: FetchRequest) -> Snapshot | Absent:
        """Read the attempt as it is now. Changes nothing."""

    @abstractmethod
    def find(self, request: FindRequest) -> Snapshot | Absent:
        """Look for an operation's trace. Changes nothing; Absent only where it is not there."""

    @abstractmethod
    def parse_webhook(
        self, body: bytes, headers: Mapping[str, str], *, received_at: datetime | None = None
    ) -> WebhookNotice:
        """Verify the raw body and say what it is about. Header names come in lower case.

        The age of a signature is counted until `received_at`, which is now where it is not
        given: a delivery that was kept may be read again much later. Raises WebhookForged or
        WebhookUnusable. Touches no network.
        """

    @abstractmethod
    def balance_transactions(self, since: datetime) -> Iterator[BalanceTransaction]:
        """Yield the provider's own account lines since an instant (UTC), oldest first."""
