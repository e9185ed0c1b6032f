"""What can go wrong, in words an agent can read.

    DomainError                 409  something stands in the way
    ├── NotAllowed              403  the role or the limit does not reach that far
    ├── NotFound                404  it is not there, or not for these eyes
    ├── Conflict                409  it has changed meanwhile
    └── InvalidInput            422  a field cannot be read or accepted
        └── CardNumberRefused   422  it looks like a card number

Every app adds its own in `<app>/errors.py`. `core.problems` writes them as RFC 9457.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.money import Money, format_money
from core.writing import reader_locale, write_time

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class DomainError(Exception):
    """A refusal with a reason. `str(error)` is a sentence in the language of the reader.

    `code` is stable and documented, `status` is the HTTP status, and `message` has named
    placeholders that the keyword arguments fill. Money and times are written as its reader
    writes them.
    """

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409
    message: StrOrPromise = _("This cannot be done now.")
    field: str = ""

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % {name: _readable(value) for name, value in self.params.items()}


class NotAllowed(DomainError):
    """The person or key may not do this."""

    code = "not_allowed"
    status = 403
    message = _("You are not allowed to do this.")


class NotFound(DomainError):
    """It does not exist, or this reader may not know that it does. `field` named it, if one did."""

    code = "not_found"
    status = 404
    message = _("This was not found.")

    def __init__(self, field: str = "", **params: Any) -> None:
        super().__init__(**params)
        self.field = field


class Conflict(DomainError):
    """Somebody changed it first."""

    code = "conflict"
    message = _("This has changed meanwhile. Look again and repeat what is still needed.")


class InvalidInput(DomainError):
    """One field is not acceptable. `field` names it, `message` says why."""

    code = "invalid_input"
    status = 422
    message: StrOrPromise = _("This value cannot be accepted.")

    def __init__(self, field: str = "", message: StrOrPromise = "", **params: Any) -> None:
        super().__init__(**params)
        self.field = field or self.field
        self.message = message or self.message


class CardNumberRefused(InvalidInput):
    """Something that looks like a card number was typed where none may be kept."""

    code = "card_number_refused"
    message = _("This looks like a card number. Card numbers are never stored here.")


def _readable(value: Any) -> Any:
    if isinstance(value, Money):
        return format_money(value, get_language() or "en")
    return write_time(value, reader_locale()) if isinstance(value, datetime) else value
