"""Forms that are carried out once: a double click, a reload or the back button does no more."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import idempotency
from core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.idempotency import Reservation
    from crm.views.requests import AgentRequest

UNSIGNED = ("csrfmiddlewaretoken",)


class AlreadySending(DomainError):
    code = "already_sending"
    message = _("This is being carried out already. What happens is told on the rail.")


class FormAlreadyUsed(DomainError):
    code = "form_already_used"
    message = _(
        "This was sent before, with other contents. Look at what happened, and send again"
        " only what is still needed."
    )


@contextmanager
def once(request: AgentRequest, operation: str, *, prefix: str) -> Iterator[Reservation]:
    """Open the transaction in which a form is carried out, under the id it was rendered with.

    The reservation has the public id for what is made, and says whether it was made before.
    Raises AlreadySending and FormAlreadyUsed. A refusal inside frees the id again.
    """
    with transaction.atomic():
        try:
            reservation = idempotency.reserve(
                principal=request.user,
                route=request.path,
                key=operation,
                body=_contents(request),
                prefix=prefix,
            )
        except idempotency.KeyInFlight as error:
            raise AlreadySending from error
        except idempotency.KeyReused as error:
            raise FormAlreadyUsed from error
        yield reservation


def _contents(request: AgentRequest) -> bytes:
    fields = {name: values for name, values in request.POST.lists() if name not in UNSIGNED}
    return urlencode(sorted(fields.items()), doseq=True).encode()
