"""What is done to one object over the API: approved, refused, withdrawn."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

from core.api import idempotent, made
from core.endpoints import Endpoint
from core.errors import NotFound
from core.serializers import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.serializers import BaseSerializer

    from core.models import ApiKey


class DeedEndpoint(Endpoint):
    """Something that is done to one object, once for each Idempotency-Key.

    A repeat answers with the object as it is now. One that is not there is not found.
    """

    rows: ClassVar[QuerySet[Any]]
    shown_by: ClassVar[type[BaseSerializer[Any]]]
    prefix: ClassVar[str]
    """Of the public ids of these objects."""

    def do(
        self, request: Request, public_id: str, act: Callable[[int, ApiKey], object]
    ) -> Response:
        rows = self.rows.filter(public_id=public_id)
        found = rows.values_list("pk", flat=True).first()
        if found is None:
            raise NotFound
        with idempotent(request, self.prefix) as reservation:
            if not reservation.is_replay:
                act(found, cast("ApiKey", request.user))
        return made(reservation, show(self.shown_by, rows.get(pk=found)), status=HTTPStatus.OK)
