"""Pay links over the API."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from core import policy
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.serializers import Nothing, read, show
from payments.api import documented
from payments.api.filters import CheckoutSessionFilter
from payments.api.serializers import (
    CheckoutSessionInput,
    CheckoutSessionOutput,
)
from payments.errors import NoWayToSend
from payments.models import CheckoutSession, PaymentIntent
from payments.services import links
from payments.services.destinations import Destination, checked_destination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.models import ApiKey


@documented.checkout_sessions
class CheckoutSessionsView(ListEndpoint[CheckoutSession]):
    """GET /api/v1/checkout-sessions, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.TAKE_PAYMENT)]
    queryset = CheckoutSession.objects.select_related("intent")
    serializer_class = CheckoutSessionOutput
    practice_mark = "intent__customer__is_practice"
    filterset_class = CheckoutSessionFilter

    def post(self, request: Request) -> Response:
        values = read(CheckoutSessionInput, request.data)
        with idempotent(request, "cs") as reservation:
            if not reservation.is_replay:
                links.open_link(
                    intent_id=_intent_id(values["payment_intent"]),
                    actor=cast("ApiKey", request.user),
                    destination=_destination(values),
                    valid_for=timedelta(seconds=values["expires_in"]),
                    replaces_open_page=values["replace_open_page"],
                    public_id=reservation.public_id,
                )
        session = self.queryset.get(public_id=reservation.public_id)
        shown = {**show(CheckoutSessionOutput, session), "url": links.address_of(session)}
        return made(reservation, shown)


def _intent_id(public_id: str) -> int:
    found = PaymentIntent.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("payment_intent")
    return found


def _destination(values: Mapping[str, Any]) -> Destination | None:
    if "channel" not in values and "destination" not in values:
        return None
    if "channel" not in values or "destination" not in values:
        raise NoWayToSend
    with about("", phones="destination", emails="destination"):
        return checked_destination(values["channel"], values["destination"], values["language"])


@documented.checkout_session
class CheckoutSessionView(ItemEndpoint[CheckoutSession]):
    """GET /api/v1/checkout-sessions/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = CheckoutSession.objects.select_related("intent")
    serializer_class = CheckoutSessionOutput


@documented.close_checkout_session
class CloseCheckoutSessionView(Endpoint):
    """POST /api/v1/checkout-sessions/<id>/close. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.CANCEL_PAYMENT)]

    def post(self, request: Request, public_id: str) -> Response:
        found = CheckoutSession.objects.filter(public_id=public_id)
        session_id = found.values_list("pk", flat=True).first()
        if session_id is None:
            raise NotFound
        read(Nothing, request.data)
        with idempotent(request, "cs") as reservation:
            if not reservation.is_replay:
                links.close_link(session_id=session_id, actor=cast("ApiKey", request.user))
        session = CheckoutSession.objects.select_related("intent").get(pk=session_id)
        return made(reservation, show(CheckoutSessionOutput, session), status=HTTPStatus.OK)
