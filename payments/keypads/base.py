"""What a gateway must be able to do that hears a customer key a card on the phone's keypad.

It hears the digits and hands them to a payment provider; we hear how many there were. An adapter
takes and returns the frozen dataclasses below, knows nothing of the database, never retries by
itself, and raises what `payments.providers.errors` names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.money import Money
    from payments.providers.base import Absent, Lookup, Snapshot


CONFIRMATION = "confirmation"
"""The kind of reference under which the payment provider finds what a gateway had it charge."""


class Field(StrEnum):
    """What the customer keys, in the order in which it is asked for."""

    CARD_NUMBER = "card_number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"
    POSTAL_CODE = "postal_code"


class Progress(StrEnum):
    """What a gateway tells of a capture."""

    DIGITS = "digits"
    ENTERED = "entered"
    AGAIN = "again"
    CHARGED = "charged"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class KeypadManifest:
    """What a gateway can do. Seconds where it says `_s`.

    `credentials` are those without which it cannot work.
    `names` is the kind of reference under which its own name of a capture is kept.
    `charges_at` names the kinds of payment providers that can charge what it hears.
    `masks_tones` promises that no recording of the call holds
    the digits. `hears_dialled_calls` says whether it hears the customer on calls that an agent
    makes, too. `is_for_training` says that no money moves there.
    """

    kind: str
    name: str
    fields: tuple[Field, ...]
    credentials: tuple[str, ...]
    names: str
    charges_at: frozenset[str]
    masks_tones: bool
    hears_dialled_calls: bool
    lookup: Lookup
    consistent_after_s: int
    longest_request_s: int
    is_for_training: bool = False


@dataclass(frozen=True, slots=True)
class StartCapture:
    """Begin to listen on a call. `call` is the telephone system's own id of it."""

    key: str
    attempt_id: str
    call: str
    amount: Money
    description: str
    callback_url: str


@dataclass(frozen=True, slots=True)
class CaptureAct:
    """Ask for a field, charge what was keyed, or stop listening. `reference` names the capture."""

    key: str
    attempt_id: str
    call: str
    reference: str
    amount: Money
    callback_url: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class FindCapture:
    """Look for a capture whose answer was lost. `was_confirmed`: its charge has been asked for."""

    attempt_id: str
    call: str
    reference: str
    amount: Money
    was_confirmed: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came through the door. `url` is the address that the gateway was told to call."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KeypadNews:
    """One thing that happened at the keypad. `digits` is how many were keyed, never which.

    `code` is one of ours or the gateway's own list, never free text. `confirmation` is the
    payment provider's reference of the charge, `last4` what may be shown of the card.
    """

    progress: Progress
    field: Field | None = None
    digits: int = 0
    code: str = ""
    confirmation: str = ""
    last4: str = ""
    brand: str = ""


class KeypadGateway(ABC):
    """One contract with one gateway. Every method may raise `ProviderError`, and nothing else.

    A snapshot speaks of our attempt: `pending` while the gateway listens, `canceled` once it
    has stopped and nothing can be charged any more. Only the payment provider says that money
    came, except where gateway and provider are one.
    """

    manifest: ClassVar[KeypadManifest]

    def __init__(self, credentials: Mapping[str, str], *, timeout_s: float = 10) -> None:
        self.credentials = credentials
        self.timeout_s = timeout_s

    @abstractmethod
    def start(self, request: StartCapture) -> Snapshot:
        """Begin to listen; the snapshot's references hold the gateway's name for the capture."""

    @abstractmethod
    def ask(self, request: CaptureAct) -> Snapshot:
        """Let the customer key one field, again where it was keyed before."""

    @abstractmethod
    def confirm(self, request: CaptureAct) -> Snapshot:
        """Have the payment provider charge what was keyed. It may answer later, by a callback."""

    @abstractmethod
    def cancel(self, request: CaptureAct) -> Snapshot:
        """Stop listening, and forget what was keyed."""

    @abstractmethod
    def find(self, request: FindCapture) -> Snapshot | Absent:
        """Look how a capture stands. Changes nothing. Raises OutcomeUnknown where none can say."""

    @abstractmethod
    def parse(self, delivery: Delivery) -> KeypadNews | None:
        """Verify a callback and say what it tells; None where it is nothing to us.

        Raises WebhookForged, and WebhookUnusable for what is signed and cannot be read.
        """
