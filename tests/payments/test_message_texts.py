"""The words of messages about payments, in each language, as SMS and as e-mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from crm.services import messages
from payments.services import links, receipts
from tests.factories.crm import OutgoingMessageFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.pay_links import open_link
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from pytest_django import Settings

    from crm.services.messages import Rendered

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fi", "sv")
GSM_ALPHABET = re.compile(r"[\n -~£¥§¿¡èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüà€]*")


def rendered(kind: str, channel: str, language: str, **data: str) -> Rendered:
    message = OutgoingMessageFactory.build(
        kind=kind, channel=channel, language=language, data=data, customer=None
    )
    render = messages.renderer_of(kind)
    assert render is not None
    with translation.override(language):
        return render(message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_by_sms_is_short_and_plain(language: str, settings: Settings) -> None:
    settings.MERCHANT_NAME = "Pohjolan Kuitu Oy"
    session = open_link()

    told = rendered("payment_link", "sms", language, session=session.public_id)

    assert "184" in told.text
    assert links.address_of(session) in told.text
    assert GSM_ALPHABET.fullmatch(told.text)
    assert len(told.text) <= 160
    assert told.html == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_by_email_has_both_kinds_of_body(language: str) -> None:
    session = open_link()

    told = rendered("payment_link", "email", language, session=session.public_id)

    assert links.address_of(session) in told.text
    assert f'href="{links.address_of(session)}"' in told.html
    assert f'<html lang="{language}">' in told.html
    assert "\n" not in told.subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_receipt_is_sent_with_its_address(language: str, channel: str) -> None:
    capture = paid_capture(invoice=InvoiceFactory.create())

    told = rendered("receipt", channel, language, capture=capture.public_id)

    assert receipts.address_of(capture) in told.text
    assert (receipts.address_of(capture) in told.html) is (channel == "email")


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_message_loads_and_runs_nothing(channel: str, settings: Settings) -> None:
    settings.MERCHANT_NAME = "<script>Kuitu</script>"
    session = open_link()

    html = rendered("payment_link", channel, "en", session=session.public_id).html

    assert not re.search(r"<(script|img|link|style)|style=|src=", html)
