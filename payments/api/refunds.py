"""Refunds over the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.endpoints import ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.money import Money
from core.serializers import Nothing, read, show
from orders.models import InvoiceLine
from payments.api import documented
from payments.api.deeds import DeedEndpoint
from payments.api.filters import RefundFilter
from payments.api.serializers import RefundInput, RefundOutput, RefusalInput
from payments.errors import CaptureNotNamed, LinesOfSeveralInvoices, RefundExceedsCapture
from payments.models import Capture, PaymentIntent, Refund
from payments.services.approvals import approve_refund, refuse_refund, withdraw_refund
from payments.services.line_refunds import refund_lines
from payments.services.refunds import request_refund

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.errors import DomainError
    from core.models import ApiKey

IN_FULL = ("capture__attempt__intent", "decided_by")


@documented.refunds
class RefundsView(ListEndpoint[Refund]):
    """GET /api/v1/refunds, and POST, which needs an Idempotency-Key and answers 202."""

    permission_classes = [Needs(policy.VIEW_PAYMENT), NeedsToWrite(policy.REFUND)]
    queryset = Refund.objects.select_related(*IN_FULL)
    serializer_class = RefundOutput
    practice_mark = "capture__attempt__intent__customer__is_practice"
    filterset_class = RefundFilter

    def post(self, request: Request) -> Response:
        values = read(RefundInput, request.data)
        with idempotent(request, "re") as reservation:
            if not reservation.is_replay:
                ask = _ask_by_line if "lines" in values else _ask_amount
                ask(values, cast("ApiKey", request.user), reservation.public_id)
        refund = self.queryset.get(public_id=reservation.public_id)
        return made(reservation, show(RefundOutput, refund), status=HTTPStatus.ACCEPTED)


def _ask_amount(values: Mapping[str, Any], key: ApiKey, public_id: str) -> None:
    capture = _capture(values)
    request_refund(
        capture_id=capture.pk,
        amount=Money(values["amount"], capture.currency),
        reason=values["reason"],
        requested_by=key,
        wants_credit_note=values["credit_note"],
        public_id=public_id,
    )


def _ask_by_line(values: Mapping[str, Any], key: ApiKey, public_id: str) -> None:
    """Find the lines by their places. Raises LinesOfSeveralInvoices where one is not there."""
    wanted = {one["position"]: one["quantity"] for one in values["lines"]}
    rows = InvoiceLine.objects.filter(
        invoice__public_id=values["invoice"], position__in=list(wanted)
    )
    places = dict(rows.values_list("position", "pk"))
    if set(places) != set(wanted):
        raise LinesOfSeveralInvoices
    refund_lines(
        capture_id=_capture(values).pk,
        lines={places[position]: quantity for position, quantity in wanted.items()},
        reason=values["reason"],
        requested_by=key,
        public_id=public_id,
    )


def _capture(values: Mapping[str, Any]) -> Capture:
    """Return the capture that is named, or the intent's only one."""
    captures = Capture.objects.filter(attempt__intent__public_id=values["payment_intent"])
    if "capture" in values:
        captures = captures.filter(public_id=values["capture"])
    found = list(captures.filter(captured__gt=0).order_by("pk")[:2])
    if not found:
        raise _nothing(values)
    if len(found) > 1:
        raise CaptureNotNamed
    return found[0]


def _nothing(values: Mapping[str, Any]) -> DomainError:
    """Say why there is nothing to give back: nobody knows the id, or nothing was taken."""
    intent = PaymentIntent.objects.filter(public_id=values["payment_intent"]).first()
    if intent is None:
        return NotFound("payment_intent")
    if "capture" in values:
        return NotFound("capture")
    return RefundExceedsCapture(left=Money(0, intent.currency))


@documented.refund
class RefundView(ItemEndpoint[Refund]):
    """GET /api/v1/refunds/<id>."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = Refund.objects.select_related(*IN_FULL)
    serializer_class = RefundOutput


class _Deed(DeedEndpoint):
    """Something that is done to one refund."""

    rows = Refund.objects.select_related(*IN_FULL)
    shown_by = RefundOutput
    prefix = "re"


@documented.approve_refund
class ApproveRefundView(_Deed):
    """POST /api/v1/refunds/<id>/approve. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_REFUND)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(
            request, public_id, lambda pk, key: approve_refund(refund_id=pk, approver=key)
        )


@documented.refuse_refund
class RefuseRefundView(_Deed):
    """POST /api/v1/refunds/<id>/refuse. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.APPROVE_REFUND)]

    def post(self, request: Request, public_id: str) -> Response:
        reason = read(RefusalInput, request.data)["reason"]
        return self.do(
            request,
            public_id,
            lambda pk, key: refuse_refund(refund_id=pk, approver=key, reason=reason),
        )


@documented.withdraw_refund
class WithdrawRefundView(_Deed):
    """POST /api/v1/refunds/<id>/withdraw. Needs an Idempotency-Key."""

    permission_classes = [Needs(policy.REFUND)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        return self.do(request, public_id, lambda pk, key: withdraw_refund(refund_id=pk, actor=key))
