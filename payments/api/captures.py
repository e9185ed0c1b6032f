"""Taking reserved money over the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.db.models import F

from core import policy
from core.api import Needs, idempotent, made
from core.endpoints import Endpoint
from core.errors import NotFound
from core.money import Money
from core.serializers import read, show
from payments.api import documented
from payments.api.payment_intents import intents_in_full
from payments.api.serializers import CaptureInput, PaymentIntentOutput
from payments.errors import CaptureExceedsAuthorised
from payments.models import PaymentAttempt, PaymentIntent
from payments.services.charges import request_capture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.models import ApiKey


@documented.capture_payment_intent
class CapturePaymentIntentView(Endpoint):
    """POST /api/v1/payment-intents/<id>/capture. Needs an Idempotency-Key, and answers 202."""

    permission_classes = [Needs(policy.TAKE_PAYMENT)]

    def post(self, request: Request, public_id: str) -> Response:
        values = read(CaptureInput, request.data)
        with idempotent(request, "pi") as reservation:
            if not reservation.is_replay:
                capture(public_id, values, actor=cast("ApiKey", request.user))
        intent = intents_in_full().filter(public_id=public_id).first()
        return made(reservation, show(PaymentIntentOutput, intent), status=HTTPStatus.ACCEPTED)


def capture(public_id: str, values: Mapping[str, Any], *, actor: ApiKey) -> None:
    """Ask the provider for what is reserved, or for the part that is named."""
    intent = PaymentIntent.objects.filter(public_id=public_id).first()
    if intent is None:
        raise NotFound
    held = PaymentAttempt.objects.filter(
        intent=intent, authorised__gt=F("captured") + F("cancelled")
    )
    attempt = held.order_by("pk").first()
    if attempt is None:
        raise CaptureExceedsAuthorised(left=Money(0, intent.currency))
    amount = values.get("amount", attempt.capturable)
    request_capture(attempt_id=attempt.pk, amount=Money(amount, attempt.currency), actor=actor)
