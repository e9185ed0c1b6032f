"""Operations without an answer over the API, and what two people decide about them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.endpoints import ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.serializers import Nothing, read, show
from payments.api import documented_decisions as documented
from payments.api.deeds import DeedEndpoint
from payments.api.filters import DecisionFilter, OperationFilter
from payments.api.serializers import RefusalInput
from payments.api.serializers_decisions import DecisionInput, DecisionOutput, OperationOutput
from payments.models import OutcomeDecision, ProviderOperation
from payments.services.decisions import (
    approve_decision,
    refuse_decision,
    request_decision,
    withdraw_decision,
)

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.models import ApiKey

SUBJECTS = ("intent", "attempt", "refund", "capture", "cancellation")
IN_FULL = ("operation", "requested_by", "decided_by")


@documented.operations
class OperationsView(ListEndpoint[ProviderOperation]):
    """GET /api/v1/operations."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = ProviderOperation.objects.select_related(*SUBJECTS)
    serializer_class = OperationOutput
    practice_mark = "intent__customer__is_practice"
    filterset_class = OperationFilter


@documented.operation
class OperationView(ItemEndpoint[ProviderOperation]):
    """GET /api/v1/operations/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = ProviderOperation.objects.select_related(*SUBJECTS)
    serializer_class = OperationOutput


@documented.decisions
class DecisionsView(ListEndpoint[OutcomeDecision]):
    """GET /api/v1/decisions, and POST, which needs an Idempotency-Key and answers 202."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.DECIDE_OUTCOME)]
    queryset = OutcomeDecision.objects.select_related(*IN_FULL)
    serializer_class = DecisionOutput
    practice_mark = "operation__intent__customer__is_practice"
    filterset_class = DecisionFilter

    def post(self, request: Request) -> Response:
        values = read(DecisionInput, request.data)
        with idempotent(request, "dec") as reservation:
            if not reservation.is_replay:
                named = ProviderOperation.objects.filter(public_id=values["operation"])
                found = named.values_list("pk", flat=True).first()
                if found is None:
                    raise NotFound("operation")
                request_decision(
                    operation_id=found,
                    outcome=OutcomeDecision.Outcome(values["outcome"]),
                    reason=values["reason"],
                    seen=values["seen"],
                    requested_by=cast("ApiKey", request.user),
                    public_id=reservation.public_id,
                )
        decision = self.queryset.get(public_id=reservation.public_id)
        return made(reservation, show(DecisionOutput, decision), status=HTTPStatus.ACCEPTED)


@documented.decision
class DecisionView(ItemEndpoint[OutcomeDecision]):
    """GET /api/v1/decisions/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = OutcomeDecision.objects.select_related(*IN_FULL)
    serializer_class = DecisionOutput


class _Deed(DeedEndpoint):
    """Something that is done to one decision."""

    rows = OutcomeDecision.objects.select_related(*IN_FULL)
    shown_by = DecisionOutput
    prefix = "dec"


@documented.approve_decision
class ApproveDecisionView(_Deed):
    """POST /api/v1/decisions/<id>/approve. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_OUTCOME)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(
            request, public_id, lambda pk, key: approve_decision(decision_id=pk, approver=key)
        )


@documented.refuse_decision
class RefuseDecisionView(_Deed):
    """POST /api/v1/decisions/<id>/refuse. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_OUTCOME)]

    def post(self, request: Request, public_id: str) -> Response:
        reason = read(RefusalInput, request.data)["reason"]
        return self.do(
            request,
            public_id,
            lambda pk, key: refuse_decision(decision_id=pk, approver=key, reason=reason),
        )


@documented.withdraw_decision
class WithdrawDecisionView(_Deed):
    """POST /api/v1/decisions/<id>/withdraw. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.DECIDE_OUTCOME)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(
            request, public_id, lambda pk, key: withdraw_decision(decision_id=pk, actor=key)
        )
