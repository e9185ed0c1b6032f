"""The story of payments over the API."""

from __future__ import annotations

from core import policy
from core.api import Needs
from core.endpoints import ListEndpoint
from payments.api import documented
from payments.api.filters import EventFilter
from payments.api.serializers import EventOutput
from payments.models import PaymentEvent


@documented.events
class EventsView(ListEndpoint[PaymentEvent]):
    """GET /api/v1/events: facts and steps, the newest first."""

    permission_classes = [Needs(policy.VIEW_PAYMENT)]
    queryset = PaymentEvent.objects.select_related("intent")
    serializer_class = EventOutput
    practice_mark = "intent__customer__is_practice"
    filterset_class = EventFilter
