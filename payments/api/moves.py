"""Moving surplus to another invoice over the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.endpoints import ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.money import Money
from core.serializers import Nothing, read, show
from orders.models import Invoice
from payments.api import documented_moves as documented
from payments.api.deeds import DeedEndpoint
from payments.api.filters import MoveFilter
from payments.api.serializers import RefusalInput
from payments.api.serializers_moves import MoveInput, MoveOutput
from payments.models import PaymentIntent, SurplusMove
from payments.services.surplus import (
    approve_move,
    move_surplus,
    refuse_move,
    take_back_move,
    withdraw_move,
)

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.models import ApiKey

IN_FULL = ("intent", "invoice", "decided_by")


@documented.moves
class MovesView(ListEndpoint[SurplusMove]):
    """GET /api/v1/surplus-moves, and POST, which needs an Idempotency-Key and answers 201."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.MOVE_SURPLUS)]
    queryset = SurplusMove.objects.select_related(*IN_FULL)
    serializer_class = MoveOutput
    practice_mark = "intent__customer__is_practice"
    filterset_class = MoveFilter

    def post(self, request: Request) -> Response:
        values = read(MoveInput, request.data)
        with idempotent(request, "mov") as reservation:
            if not reservation.is_replay:
                intent = PaymentIntent.objects.filter(public_id=values["payment_intent"]).first()
                if intent is None:
                    raise NotFound("payment_intent")
                invoice = Invoice.objects.filter(public_id=values["invoice"]).first()
                if invoice is None:
                    raise NotFound("invoice")
                move_surplus(
                    intent_id=intent.pk,
                    invoice_id=invoice.pk,
                    amount=Money(values["amount"], intent.currency),
                    requested_by=cast("ApiKey", request.user),
                    public_id=reservation.public_id,
                )
        move = self.queryset.get(public_id=reservation.public_id)
        return made(reservation, show(MoveOutput, move), status=HTTPStatus.CREATED)


@documented.move
class MoveView(ItemEndpoint[SurplusMove]):
    """GET /api/v1/surplus-moves/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = SurplusMove.objects.select_related(*IN_FULL)
    serializer_class = MoveOutput


class _Deed(DeedEndpoint):
    """Something that is done to one move."""

    rows = SurplusMove.objects.select_related(*IN_FULL)
    shown_by = MoveOutput
    prefix = "mov"


@documented.approve_move
class ApproveMoveView(_Deed):
    """POST /api/v1/surplus-moves/<id>/approve. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_REFUND)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(request, public_id, lambda pk, key: approve_move(move_id=pk, approver=key))


@documented.refuse_move
class RefuseMoveView(_Deed):
    """POST /api/v1/surplus-moves/<id>/refuse. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_REFUND)]

    def post(self, request: Request, public_id: str) -> Response:
        reason = read(RefusalInput, request.data)["reason"]
        return self.do(
            request,
            public_id,
            lambda pk, key: refuse_move(move_id=pk, approver=key, reason=reason),
        )


@documented.withdraw_move
class WithdrawMoveView(_Deed):
    """POST /api/v1/surplus-moves/<id>/withdraw. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.MOVE_SURPLUS)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(request, public_id, lambda pk, key: withdraw_move(move_id=pk, actor=key))


@documented.take_back_move
class TakeBackMoveView(_Deed):
    """POST /api/v1/surplus-moves/<id>/take-back. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.MOVE_SURPLUS)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(request, public_id, lambda pk, key: take_back_move(move_id=pk, actor=key))
