"""Payment intents over the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from rest_framework.response import Response

from core import policy, rows
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.money import Money
from core.serializers import Nothing, read, show
from crm.models import Call
from crm.services.rows import locked_by_public_id
from orders.models import Invoice, Order
from payments.api import documented
from payments.api.filters import PaymentIntentFilter
from payments.api.serializers import PaymentIntentInput, PaymentIntentOutput
from payments.models import PaymentIntent
from payments.services.intents import NewIntent, cancel_intent, create_intent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey

# What `create_intent` looks at, spelt out because it is read for every payment that is asked for.
_INVOICES = """
    SELECT id, public_id, customer_id, number, currency, open_amount FROM orders_invoice
     WHERE public_id = ANY(%s)
"""


def intents_in_full() -> QuerySet[PaymentIntent]:
    """Payment intents with all that is shown of them, in one statement."""
    return PaymentIntent.objects.select_related("customer", "order", "call")


@documented.payment_intents
class PaymentIntentsView(ListEndpoint[PaymentIntent]):
    """GET /api/v1/payment-intents, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.TAKE_PAYMENT)]
    queryset = intents_in_full()
    serializer_class = PaymentIntentOutput
    practice_mark = "customer__is_practice"
    filterset_class = PaymentIntentFilter

    def post(self, request: Request) -> Response:
        values = read(PaymentIntentInput, request.data)
        actor = cast("ApiKey", request.user)
        with idempotent(request, "pi") as reservation, about("", items="invoices"):
            if reservation.is_replay:
                intent = intents_in_full().get(public_id=reservation.public_id)
            else:
                wanted = new_intent(values)
                intent = create_intent(wanted, actor=actor, public_id=reservation.public_id)
        return made(reservation, show(PaymentIntentOutput, intent))


def new_intent(values: Mapping[str, Any]) -> NewIntent:
    """Read what a validated request asks for. Raises NotFound for ids nobody has."""
    with about("customer"):
        customer = locked_by_public_id(values["customer"])
    return NewIntent(
        customer=customer,
        amount=Money(values["amount"], values["currency"]),
        invoices=_invoices(values["invoices"]),
        order=_order(values.get("order")),
        call=_call(values.get("call")),
        channel=PaymentIntent.Channel.API,
        description=values["description"],
        allows_surplus=values["allow_surplus"],
        is_manual_capture=values["capture_method"] == "manual",
    )


def _invoices(public_ids: list[str]) -> list[Invoice]:
    """Return the invoices in the order in which they are named."""
    if not public_ids:
        return []
    found = {row.public_id: row for row in rows.fetch(Invoice, _INVOICES, [public_ids])}
    for position, public_id in enumerate(public_ids):
        if public_id not in found:
            raise NotFound(f"invoices.{position}")
    return [found[public_id] for public_id in dict.fromkeys(public_ids)]


def _order(public_id: str | None) -> Order | None:
    if public_id is None:
        return None
    order = Order.objects.filter(public_id=public_id).first()
    if order is None:
        raise NotFound("order")
    return order


def _call(public_id: str | None) -> Call | None:
    if public_id is None:
        return None
    call = Call.objects.filter(public_id=public_id).first()
    if call is None:
        raise NotFound("call")
    return call


@documented.payment_intent
class PaymentIntentView(ItemEndpoint[PaymentIntent]):
    """GET /api/v1/payment-intents/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = intents_in_full()
    serializer_class = PaymentIntentOutput


@documented.cancel_payment_intent
class CancelPaymentIntentView(Endpoint):
    """POST /api/v1/payment-intents/<id>/cancel. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.CANCEL_PAYMENT)]

    def post(self, request: Request, public_id: str) -> Response:
        found = PaymentIntent.objects.filter(public_id=public_id)
        intent_id = found.values_list("pk", flat=True).first()
        if intent_id is None:
            raise NotFound
        read(Nothing, request.data)
        with idempotent(request, "pi") as reservation:
            if not reservation.is_replay:
                cancel_intent(intent_id=intent_id, actor=cast("ApiKey", request.user))
        shown = show(PaymentIntentOutput, intents_in_full().get(pk=intent_id))
        return made(reservation, shown, status=HTTPStatus.OK)
