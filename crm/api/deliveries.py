"""Where the message gateway reports what became of a message."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from core import policy
from core.endpoints import Endpoint
from core.serializers import read
from crm.api import documented
from crm.api.serializers import DeliveryInput
from crm.services.messages import record_delivery

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class FromGateway(BasePermission):
    """Refuses whoever does not know the gateway's token, and everybody while none is set."""

    permission = policy.PUBLIC

    def has_permission(self, request: Request, view: APIView) -> bool:
        del view
        expected = f"Bearer {settings.MESSAGE_GATEWAY_TOKEN}".encode()
        given = request.headers.get("Authorization", "").encode()
        return bool(settings.MESSAGE_GATEWAY_TOKEN) and compare_digest(given, expected)


@documented.deliveries
class DeliveriesView(Endpoint):
    """POST /api/v1/message-deliveries. Safe to repeat, in any order."""

    authentication_classes = []
    permission_classes = [FromGateway]

    def post(self, request: Request) -> Response:
        values = read(DeliveryInput, request.data)
        record_delivery(values["id"], values["status"], message_id=values["message"])
        return Response(status=204)
