"""What one provider can do, how far its word reaches, and the words in which that is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    """What a fact can be about."""

    ATTEMPT = "attempt"
    CAPTURE = "capture"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    DISPUTE = "dispute"


class OperationKind(StrEnum):
    """What we can ask of a provider."""

    CREATE = "create"
    CONFIRM = "confirm"
    CHARGE = "charge"
    CAPTURE = "capture"
    CANCEL = "cancel"
    REFUND = "refund"
    CLOSE_SESSION = "close_session"
    SUBMIT_EVIDENCE = "submit_evidence"
    PUSH = "push"
    ASK = "ask"


class Truth(StrEnum):
    """Where a provider's word is taken from: a read of its API, or the signed body itself."""

    FETCH = "fetch"
    SIGNED_BODY = "signed_body"


class Lookup(StrEnum):
    """How a request whose answer was lost is found again."""

    BY_REFERENCE = "by_reference"
    BY_OUR_ID = "by_our_id"
    REPLAY_KEY = "replay_key"
    NONE = "none"


class Capability(StrEnum):
    """What an account may be able to do beyond a hosted payment."""

    MANUAL_CAPTURE = "manual_capture"
    PARTIAL_CAPTURE = "partial_capture"
    PARTIAL_REFUND = "partial_refund"
    SAVED_METHODS = "saved_methods"
    MOTO = "moto"
    TERMINAL = "terminal"


class Entry(StrEnum):
    """Who enters the details on a hosted page: the customer, or our agent for a phone order."""

    CUSTOMER = "customer"
    KEYED = "keyed"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one provider can do and how far its word reaches. Seconds where it says `_s`.

    `echoes` names the subjects whose news always bear our id where we asked for them: news
    of them without our id is then about something that others did. Of the other subjects only
    the answer to our own request bears it.
    `is_for_training` says that no money moves there: such accounts are refused on a server.
    """

    kind: str
    name: str
    methods: tuple[str, ...]
    currencies: frozenset[str]
    capabilities: frozenset[Capability]
    truth: Truth
    lookup: Lookup
    consistent_after_s: int
    longest_request_s: int
    key_window_s: int
    saves_errors: bool
    compares_body: bool
    signature: str
    settlement: str
    echoes: frozenset[SubjectKind] = frozenset()
    is_for_training: bool = False
