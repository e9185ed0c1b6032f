"""Tasks over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import django_filters
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.endpoints import Endpoint, ListEndpoint
from core.errors import NotFound
from core.serializers import Nothing, read, show
from crm.api import documented
from crm.api.serializers import TaskInput, TaskOutput
from crm.models import Task
from crm.services import tasks
from crm.services.rows import get_customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from core.models import ApiKey


class TaskFilter(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    """By customer, by kind, by time, and whether somebody has done it."""

    customer = django_filters.CharFilter("customer__public_id", help_text="The customer's id.")
    is_done = django_filters.BooleanFilter(
        "done_at", lookup_expr="isnull", exclude=True, help_text="Done or still to be done."
    )
    due_at__lte = django_filters.IsoDateTimeFilter(
        "due_at", "lte", help_text="Due at this instant or before."
    )

    class Meta:
        model = Task
        fields = ["customer", "kind", "is_done", "due_at__lte"]


@documented.tasks
class TasksView(ListEndpoint[Task]):
    """GET /api/v1/tasks, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_CUSTOMER), NeedsToWrite(policy.EDIT_TASK)]
    queryset = Task.objects.select_related("customer", "assigned_to")
    serializer_class = TaskOutput
    practice_mark = "customer__is_practice"
    filterset_class = TaskFilter

    def post(self, request: Request) -> Response:
        values = read(TaskInput, request.data)
        customer_id = values.pop("customer", "")
        customer = get_customer(customer_id) if customer_id else None
        with idempotent(request, "task") as reservation:
            if not reservation.is_replay:
                tasks.make_task(
                    actor=cast("ApiKey", request.user),
                    customer=customer,
                    public_id=reservation.public_id,
                    **values,
                )
        return made(reservation, shown(reservation.public_id))


@documented.task_done
class TaskDoneView(Endpoint):
    """POST /api/v1/tasks/<id>/done. Safe to repeat."""

    permission_classes = [Needs(policy.EDIT_TASK)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        tasks.finish_task(found(public_id), actor=cast("ApiKey", request.user))
        return Response(shown(public_id))


def found(public_id: str) -> Task:
    """The task of a public id. Raises NotFound."""
    task = TasksView.queryset.filter(public_id=public_id).first()
    if task is None:
        raise NotFound
    return task


def shown(public_id: str) -> Mapping[str, Any]:
    """The task of a public id as the API shows it."""
    return show(TaskOutput, found(public_id))
