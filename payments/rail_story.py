"""The story of a payment as the rail's steps are read into it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from payments.keypads.progress import KeypadProgress

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from core.money import Money

DONE: Final = "done"
NOW: Final = "now"
NEXT: Final = "next"
PAID: Final = "paid"
FAIL: Final = "fail"
UNKNOWN: Final = "unknown"
WAIT: Final = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One event of the payment, as `payments.models.PaymentEvent` keeps it."""

    kind: str
    subject: str
    status: str
    at: dt.datetime
    money: Money | None = None
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line: what happened (done), what happens (now) or what comes (next)."""

    text: str
    state: str = DONE
    tone: str = ""
    at: dt.datetime | None = None


@dataclass(slots=True)
class Message:
    """One message that carries the link; the gateway's news change its line in place."""

    place: int
    channel: str
    public_id: str = ""
    status: str = "queued"


@dataclass(slots=True)
class KeypadStory:
    """How far the customer is at the keypad of the phone."""

    progress: KeypadProgress = field(default_factory=KeypadProgress)
    is_charging: bool = False
    was_refused: bool = False
    is_off: bool = False


@dataclass(slots=True)
class Story:
    """The lines so far, and what the last of them mean for what comes."""

    steps: list[Step] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    is_opened: bool = False
    is_over: bool = False
    was_declined: bool = False
    has_returned: bool = False
    method: str = ""
    is_app: bool = False
    is_keyed: bool = False
    page: str = ""
    is_bank: bool = False
    keypad: KeypadStory | None = None
    terminal: str = ""
    trouble: str = ""

    @property
    def is_sending(self) -> bool:
        return bool(self.messages) and self.messages[-1].status == "queued"

    @property
    def is_undelivered(self) -> bool:
        is_lost = bool(self.messages) and self.messages[-1].status in {"failed", "unknown"}
        return is_lost and not self.is_opened

    @property
    def needs_no_link(self) -> bool:
        return bool(self.is_keyed or self.is_bank or self.keypad or self.terminal)

    def begin(self) -> None:
        """Another way to pay has been opened: nothing of the one before holds."""
        self.is_opened = self.was_declined = self.is_keyed = self.is_bank = False
        self.method, self.keypad, self.terminal = "", None, ""

    def add(self, text: str, at: dt.datetime, tone: str = "") -> None:
        """Write one more line that has happened."""
        self.steps.append(Step(text, DONE, tone, at))

    def then(self, now: str, following: str = "", tone: str = "") -> tuple[Step, ...]:
        """All that happened, then what is happening, then what comes."""
        steps = [*self.steps, Step(now, NOW, tone)]
        return (*steps, Step(following, NEXT)) if following else tuple(steps)

    def as_it_is(self, *following: str) -> tuple[Step, ...]:
        """All that happened with the last line as what is happening, then what comes."""
        last = [replace(step, state=NOW) for step in self.steps[-1:]]
        return (*self.steps[:-1], *last, *(Step(text, NEXT) for text in following))

    def ended(self, otherwise: str) -> tuple[Step, ...]:
        """All that happened; a last line with a tone stands out. Nothing told: `otherwise`."""
        if not self.steps:
            return (Step(otherwise, NOW),) if otherwise else ()
        return self.as_it_is() if self.steps[-1].tone else tuple(self.steps)

    def declined(self, reason: str) -> tuple[Step, ...]:
        """All that happened, ending with why the latest try was refused."""
        at = [index for index, step in enumerate(self.steps) if step.tone == FAIL]
        if not at:
            return self.then(reason, tone=FAIL)
        before, refusal = self.steps[: at[-1]], self.steps[at[-1]]
        return (*before, replace(refusal, text=reason, state=NOW))
