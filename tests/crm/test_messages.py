from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound
from crm import gateways
from crm.errors import ChoiceUnknown
from crm.gateways import (
    GatewayAnswer,
    Outgoing,
)
from crm.models import OutgoingMessage
from crm.services import messages, sending
from crm.services.messages import record_delivery
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from crm.services.messages import Wanted
    from tests.crm.gateway_server import GatewayServer

pytestmark = pytest.mark.django_db

Status = OutgoingMessage.Status


def wanted(**changes: object) -> Wanted:
    return {
        "cause": "cap_1",
        "kind": "greeting",
        "channel": "sms",
        "destination": "+358401234567",
        "customer_id": CustomerFactory.create().pk,
        "language": "fi",
        "data": {"capture": "cap_1"},
        **changes,  # type: ignore[typeddict-item]
    }


def test_asking_twice_for_one_cause_writes_one_message() -> None:
    first = messages.queue(**wanted())
    second = messages.queue(**wanted())
    other = messages.queue(**wanted(cause="resend_1"))

    assert first == second != other
    assert OutgoingMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("news", "standing"),
    [
        (["sent"], "sent"),
        (["delivered", "sent"], "delivered"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["sent", "sent", "delivered", "delivered"], "delivered"),
    ],
)
def test_delivery_news_may_come_in_any_order_and_twice(news: list[str], standing: str) -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")

    for status in news:
        record_delivery("gw-1", status)

    message.refresh_from_db()
    assert message.status == standing


def test_news_that_overtake_the_answer_to_our_own_request_are_kept(
    gateway: GatewayServer,
) -> None:
    message = OutgoingMessageFactory.create()
    told: list[str] = []
    messages.on_status.append(lambda news: told.append(news.status))
    # The gateway reports before it answers; here in one thread, as the test holds the database.
    original = gateways.HttpGateway.send

    def send(self: gateways.HttpGateway, outgoing: Outgoing) -> GatewayAnswer:
        answer = original(self, outgoing)
        record_delivery(answer.reference, "delivered", message_id=outgoing.key)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways.HttpGateway, "send", send)
        sending.drain()
    messages.on_status.pop()

    message.refresh_from_db()
    assert (message.status, message.gateway_reference) == (
        "delivered",
        f"gw-{message.public_id}",
    )
    assert told[0] == "delivered"


def test_news_about_nothing_of_ours_change_nothing() -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")

    with pytest.raises(NotFound):
        record_delivery("gw-2", "delivered")
    with pytest.raises(NotFound):
        record_delivery("", "delivered")
    with pytest.raises(ChoiceUnknown):
        record_delivery("gw-1", "queued")

    message.refresh_from_db()
    assert message.status == "sent"


def test_whoever_listens_hears_each_status_once_and_can_stop_it() -> None:
    message = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-1")
    heard: list[str] = []
    messages.on_status.append(lambda news: heard.append(news.status))
    try:
        record_delivery("gw-1", "delivered")
        record_delivery("gw-1", "delivered")
    finally:
        messages.on_status.pop()
    assert heard == ["delivered"]

    other = OutgoingMessageFactory.create(status=Status.SENT, gateway_reference="gw-2")

    def refuse(news: OutgoingMessage) -> None:
        raise RuntimeError

    messages.on_status.append(refuse)
    try:
        with pytest.raises(RuntimeError):
            record_delivery("gw-2", "failed")
    finally:
        messages.on_status.pop()

    other.refresh_from_db()
    message.refresh_from_db()
    assert (message.status, other.status) == ("delivered", "sent")
