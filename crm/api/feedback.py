"""How calls went, over the API."""

from __future__ import annotations

import django_filters

from core import policy
from core.api import Needs
from core.endpoints import ListEndpoint
from crm.api import documented
from crm.api.serializers import FeedbackOutput
from crm.models import Feedback


class FeedbackFilter(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    """By customer, call and score, by time, and whether it was answered."""

    customer = django_filters.CharFilter("customer__public_id", help_text="The customer's id.")
    call = django_filters.CharFilter("call__public_id", help_text="The call's id.")
    is_answered = django_filters.BooleanFilter(
        "answered_at", lookup_expr="isnull", exclude=True, help_text="Answered or not."
    )
    created_at__gte = django_filters.IsoDateTimeFilter(
        "created_at", "gte", help_text="Asked, or left unasked, at this instant or later."
    )
    created_at__lt = django_filters.IsoDateTimeFilter(
        "created_at", "lt", help_text="Asked, or left unasked, before this instant."
    )

    class Meta:
        model = Feedback
        fields = ["customer", "call", "score", "is_answered", "created_at__gte", "created_at__lt"]


@documented.feedback
class FeedbackView(ListEndpoint[Feedback]):
    """GET /api/v1/feedback."""

    permission_classes = [Needs(policy.VIEW_REPORTS)]
    queryset = Feedback.objects.select_related("customer", "call", "agent")
    serializer_class = FeedbackOutput
    practice_mark = "customer__is_practice"
    filterset_class = FeedbackFilter
