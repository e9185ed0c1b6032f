"""What a telephone system tells of a call, whichever system it is. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallNews:
    """One thing that happened to a call. What the system does not say is empty.

    `at` is the system's own instant, `key` what tells this news from every other of the call;
    without one, news of the same kind, instant and extension are the same news.
    """

    external_id: str
    kind: str
    at: datetime
    direction: str = ""
    their_number: str = ""
    our_number: str = ""
    extension: str = ""
    key: str = ""
