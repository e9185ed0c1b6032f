"""Instalment plans over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import django_filters
from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.money import Money
from core.serializers import Nothing, read, show
from crm.services.rows import get_customer
from orders.api.filters import OfCustomer
from orders.api.promises import invoice_pks
from orders.models import InstalmentPlan
from orders.services.plans import Planned, withdraw_plan
from payments.api import plan_documented as documented
from payments.api.plan_serializers import PlanInput, PlanOutput
from payments.services import planning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey
    from orders.models.plans import PlanQuerySet

PARTS = ("instalments__plan", "instalments__request__intent")


def plans_in_full() -> QuerySet[InstalmentPlan]:
    """Plans with all that is shown of them, in as many statements for one as for many."""
    rows = InstalmentPlan.objects.select_related("customer")
    return rows.prefetch_related("holds__invoice", *PARTS)


class PlanFilter(OfCustomer):
    status = django_filters.MultipleChoiceFilter(
        choices=InstalmentPlan.Status.choices, method="with_status"
    )
    number = None

    class Meta:
        model = InstalmentPlan
        fields = ["customer", "status", "created_at__gte", "created_at__lt"]

    def with_status(self, rows: PlanQuerySet, name: str, statuses: Sequence[str]) -> PlanQuerySet:
        del name
        return rows.with_status(statuses) if statuses else rows


@documented.plans
class PlansView(ListEndpoint[InstalmentPlan]):
    """GET /api/v1/instalment-plans, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_ORDER), NeedsToWrite(policy.ARRANGE_PAYMENT)]
    queryset = plans_in_full()
    serializer_class = PlanOutput
    practice_mark = "customer__is_practice"
    filterset_class = PlanFilter

    def post(self, request: Request) -> Response:
        values = read(PlanInput, request.data)
        with idempotent(request, "plan") as reservation:
            if not reservation.is_replay:
                planning.agree(
                    _planned(values),
                    actor=cast("ApiKey", request.user),
                    replaces_open_page=values["replace_open_page"],
                    public_id=reservation.public_id,
                )
        plan = plans_in_full().get(public_id=reservation.public_id)
        return made(reservation, show(PlanOutput, plan))


def _planned(values: Mapping[str, Any]) -> Planned:
    with about("customer"):
        customer = get_customer(values["customer"])
    return Planned(
        customer=customer,
        invoice_ids=invoice_pks(values["invoices"]),
        amount=Money(values["amount"], values["currency"]),
        parts=values["parts"],
        first_on=values["first_on"],
        rhythm=values["rhythm"],
    )


@documented.plan
class PlanView(ItemEndpoint[InstalmentPlan]):
    """GET /api/v1/instalment-plans/<id>."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    queryset = plans_in_full()
    serializer_class = PlanOutput


@documented.withdraw_plan
class WithdrawPlanView(Endpoint):
    """POST /api/v1/instalment-plans/<id>/withdraw. Safe to repeat; refused once it has ended."""

    permission_classes = [Needs(policy.ARRANGE_PAYMENT)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        plan = get_object_or_404(InstalmentPlan, public_id=public_id)
        withdraw_plan(plan=plan, actor=cast("ApiKey", request.user))
        return Response(show(PlanOutput, plans_in_full().get(pk=plan.pk)))
