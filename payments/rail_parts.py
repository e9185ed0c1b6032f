"""What the rail is made of: the figures it reads, and the story it tells. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from payments.rail_steps import NEXT, Step

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from core.money import Money


class Act(StrEnum):
    """What the agent can do with a payment now."""

    RESEND = "resend"
    OTHER = "other"
    CANCEL = "cancel"
    CARD_PAGE = "card_page"
    CODE = "code"
    REFUND = "refund"
    MOVE = "move"
    KEYPAD = "keypad"
    KEYPAD_CHARGE = "keypad_charge"
    KEYPAD_AGAIN = "keypad_again"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the provider's latest refusal means, from the error map."""

    agent: str
    customer: str
    may_repeat: bool
    offers_other_method: bool


@dataclass(frozen=True, slots=True)
class Link:
    """The newest pay link: its status, the masked place it was sent to, and until when it works."""

    status: str
    channel: str
    place: str
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Where a payment stands. Amounts are in the currency of the payment."""

    amount: Money
    status: str
    captured: Money
    surplus: Money
    link: Link | None = None
    is_blocked: bool = False
    resolve_at: dt.datetime | None = None
    is_refund_silent: bool = False
    review_reasons: Sequence[str] = ()
    is_refundable: bool = False
    refund_asked: Money | None = None
    refund_waiting: Money | None = None
    refusal: str = ""
    receipt: str = ""
    receipt_channel: str = ""
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """A state in a word. The tone gives it its colour and its sign."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Hold:
    """No answer yet: nothing may be tried, and the provider is asked again at `until`."""

    until: dt.datetime | None
    is_refund: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the customer can key once more, and the key that asks for it, if any."""

    name: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Rail:
    """What the agent sees: steps, tags, notes, the sentence to say, and the acts."""

    steps: tuple[Step, ...]
    tags: tuple[Tag, ...] = ()
    notes: tuple[str, ...] = ()
    say: str = ""
    hold: Hold | None = None
    acts: tuple[Act, ...] = ()
    expires_at: dt.datetime | None = None
    fields: tuple[Field, ...] = ()

    @property
    def announcement(self) -> str:
        """One sentence that says what changed last, for those who listen."""
        told = [step for step in self.steps if step.state != NEXT]
        words = [step.text for step in told[-1:]] + [tag.text for tag in self.tags]
        return ". ".join(words)
