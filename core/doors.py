"""What every door for machines does first: take in what was sent, and no more than it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def read_body(request: HttpRequest) -> bytes | None:
    """Read the body of a request; None where it is larger than `WEBHOOK_MAX_BYTES`.

    A larger one is not read to its end, whatever the sender says of its length.
    """
    most: int = settings.WEBHOOK_MAX_BYTES
    if int(request.headers.get("Content-Length") or 0) > most:
        return None
    body = request.read(most + 1)
    return body if len(body) <= most else None
