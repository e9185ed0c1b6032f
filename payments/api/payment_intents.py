"""Payment intents over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.errors import NotFound
from core.money import Money
from crm.services.rows import get_customer
from orders.models import Invoice, Order
from payments.api.filters import PaymentIntentFilter
from payments.api.serializers import PaymentIntentInput, PaymentIntentOutput
from payments.models import PaymentIntent
from payments.services.intents import NewIntent, cancel_intent, create_intent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey


def intents_in_full() -> QuerySet[PaymentIntent]:
    """Payment intents with all that is shown of them, in one statement."""
    return PaymentIntent.objects.select_related("customer", "order")


class PaymentIntentsView(ListAPIView[PaymentIntent]):
    """GET /api/v1/payment-intents, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.TAKE_PAYMENT)]
    queryset = intents_in_full()
    serializer_class = PaymentIntentOutput
    filterset_class = PaymentIntentFilter

    @extend_schema(request=PaymentIntentInput, responses={201: PaymentIntentOutput})
    def post(self, request: Request) -> Response:
        data = PaymentIntentInput(data=request.data)
        data.is_valid(raise_exception=True)
        actor = cast("ApiKey", request.user)
        with idempotent(request, "pi") as reservation:
            if reservation.is_replay:
                intent = intents_in_full().get(public_id=reservation.public_id)
            else:
                wanted = new_intent(data.validated_data)
                intent = create_intent(wanted, actor=actor, public_id=reservation.public_id)
        return made(reservation, PaymentIntentOutput(intent).data)


def new_intent(values: Mapping[str, Any]) -> NewIntent:
    """Read what a validated request asks for. Raises NotFound for ids nobody has."""
    return NewIntent(
        customer=get_customer(values["customer"]),
        amount=Money(values["amount"], values["currency"]),
        invoices=_invoices(values["invoices"]),
        order=_order(values.get("order")),
        channel=PaymentIntent.Channel.API,
        description=values["description"],
        allows_surplus=values["allow_surplus"],
        is_manual_capture=values["capture_method"] == "manual",
    )


def _invoices(public_ids: list[str]) -> list[Invoice]:
    """Return the invoices in the order in which they are named."""
    if not public_ids:
        return []
    found = {row.public_id: row for row in Invoice.objects.filter(public_id__in=public_ids)}
    if missing := set(public_ids) - set(found):
        raise NotFound(id=min(missing))
    return [found[public_id] for public_id in dict.fromkeys(public_ids)]


def _order(public_id: str | None) -> Order | None:
    if public_id is None:
        return None
    order = Order.objects.filter(public_id=public_id).first()
    if order is None:
        raise NotFound(id=public_id)
    return order


class PaymentIntentView(RetrieveAPIView[PaymentIntent]):
    """GET /api/v1/payment-intents/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = intents_in_full()
    serializer_class = PaymentIntentOutput
    lookup_field = "public_id"


class CancelPaymentIntentView(APIView):
    """POST /api/v1/payment-intents/<id>/cancel. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.CANCEL_PAYMENT)]

    @extend_schema(request=None, responses={200: PaymentIntentOutput})
    def post(self, request: Request, public_id: str) -> Response:
        found = PaymentIntent.objects.filter(public_id=public_id)
        intent_id = found.values_list("pk", flat=True).first()
        if intent_id is None:
            raise NotFound(id=public_id)
        with idempotent(request, "pi"):
            cancel_intent(intent_id=intent_id, actor=cast("ApiKey", request.user))
        return Response(PaymentIntentOutput(intents_in_full().get(pk=intent_id)).data)
