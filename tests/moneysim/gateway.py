"""The gateway of messages: it fails as gateways do, and remembers what reached a customer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crm.gateways import (
    GatewayAnswer,
    GatewayRejected,
    GatewayUnavailable,
    MessageGateway,
    SendingUnknown,
)

if TYPE_CHECKING:
    from crm.gateways import Outgoing
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel


class Gateway(MessageGateway):
    """Carries text messages. Whether it knows a key again is drawn for each schedule."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        self.kernel = kernel
        self.faults = faults
        self.honours_key = faults.gateway_honours_key  # type: ignore[misc] # drawn, not chosen
        self.reached: Counter[str] = Counter()

    def send(self, message: Outgoing) -> GatewayAnswer:
        self.kernel.point("send message")
        if self.faults.hit("gateway_unavailable"):
            raise GatewayUnavailable("HTTP 429")
        if self.faults.hit("gateway_refuses"):
            raise GatewayRejected("HTTP 400")
        if not (self.honours_key and self.reached[message.key]):
            self.reached[message.key] += 1
        self.kernel.changed()
        self.kernel.point("message sent")
        if self.faults.hit("gateway_lost"):
            raise SendingUnknown("no answer")
        return GatewayAnswer(f"sms-{message.key}")
