"""The acts beneath the rail, and refunds: each role, each refusal, each second press."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from core.ids import make_public_id
from crm.models import OutgoingMessage
from payments.models import CheckoutSession, PaymentEvent, PaymentIntent, ProviderOperation
from payments.services import operations
from tests.factories import core as people
from tests.factories.desk import EMAIL, Desk
from tests.factories.payments import PaymentAttemptFactory, paid_capture

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def intent(desk: Desk) -> Iterator[PaymentIntent]:
    """A payment whose link was sent a minute ago."""
    made = desk.sent()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        yield made


def sent_messages() -> list[tuple[str, str]]:
    return list(OutgoingMessage.objects.order_by("pk").values_list("channel", "destination"))


def at_the_providers_page(intent: PaymentIntent) -> None:
    session = CheckoutSession.objects.get(intent=intent)
    PaymentAttemptFactory.create(session=session, intent=intent)


# The rail itself


def test_the_rail_tells_the_newest_payment_and_says_its_version(
    desk: Desk, intent: PaymentIntent
) -> None:
    intent.refresh_from_db()

    answer = desk.get(f"/customers/{desk.customer.public_id}/pay/rail/")

    body = answer.content.decode()
    assert answer["HX-Trigger"] == "payments-changed"
    assert f'data-live-topic="intent:{intent.public_id}"' in body
    assert f'data-live-version="{intent.version}"' in body
    assert 'role="status"' in body
    assert "SMS on its way" in body


def test_a_reload_tells_the_same(desk: Desk, intent: PaymentIntent) -> None:
    del intent
    pages = [desk.page() for _ in range(2)]

    stories = [page[page.index('class="steps"') : page.index("</ol>")] for page in pages]

    assert stories[0] == stories[1]


def test_what_was_settled_more_than_an_hour_ago_is_not_told(desk: Desk) -> None:
    paid_capture(invoice=desk.fibre)

    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        desk.client = desk.browser()

        assert "Nothing is under way" in desk.page()


# Resend


def test_resending_sends_to_the_same_place_once_more(desk: Desk, intent: PaymentIntent) -> None:
    answer = desk.act(intent, "resend")

    assert answer.status_code == 200
    assert len(sent_messages()) == 2
    assert len(set(sent_messages())) == 1
    assert CheckoutSession.objects.count() == 1


def test_a_second_press_within_ten_seconds_sends_nothing(desk: Desk, intent: PaymentIntent) -> None:
    desk.act(intent, "resend")

    answer = desk.act(intent, "resend")

    assert answer.status_code == 200
    assert len(sent_messages()) == 2


def test_the_same_form_resends_once(desk: Desk, intent: PaymentIntent) -> None:
    operation = make_public_id("op")
    desk.act(intent, "resend", operation=operation)

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        answer = desk.act(intent, "resend", operation=operation)

    assert answer.status_code == 200
    assert len(sent_messages()) == 2


def test_a_link_that_expired_is_replaced(desk: Desk, intent: PaymentIntent) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        desk.client = desk.browser()
        answer = desk.act(intent, "resend")

    assert answer.status_code == 200
    statuses = CheckoutSession.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["closed", "open"]


def test_without_an_operation_nothing_is_sent(desk: Desk, intent: PaymentIntent) -> None:
    answer = desk.act(intent, "resend", operation="4111111111111111")

    assert answer.status_code == 422
    assert len(sent_messages()) == 1


# Elsewhere


def test_the_link_goes_to_another_known_place(desk: Desk, intent: PaymentIntent) -> None:
    assert "ain···@example.com" in desk.get(f"/payments/{intent.public_id}/other/").content.decode()

    answer = desk.act(intent, "other", destination=EMAIL)

    assert answer.status_code == 200
    assert sent_messages()[-1] == ("email", "aino@example.com")
    assert CheckoutSession.objects.get().destination == "aino@example.com"


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("050 123 4567", ("sms", "+358501234567")),
        ("Aino.M@Example.FI", ("email", "aino.m@example.fi")),
    ],
)
def test_the_link_goes_where_was_typed(
    desk: Desk, intent: PaymentIntent, typed: str, place: tuple[str, str]
) -> None:
    desk.act(intent, "other", typed=typed)

    assert sent_messages()[-1] == place
    assert desk.customer.contact_points.count() == 2


@pytest.mark.parametrize("typed", [CARD, "123", "aino@", "x" * 300])
def test_a_place_that_cannot_be_is_refused(desk: Desk, intent: PaymentIntent, typed: str) -> None:
    answer = desk.act(intent, "other", typed=typed)

    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in body
    assert CARD not in body
    assert len(sent_messages()) == 1


def test_a_page_the_customer_is_on_is_replaced_only_when_confirmed(
    desk: Desk, intent: PaymentIntent
) -> None:
    at_the_providers_page(intent)

    refused = desk.act(intent, "other", destination=EMAIL, wants_new_link="1")

    assert refused.status_code == 409
    assert "The customer may still pay on the page that is open" in refused.content.decode()
    assert 'name="replaces_open_page"' in refused.content.decode()
    assert CheckoutSession.objects.get().status == "open"
    assert len(sent_messages()) == 1

    answer = desk.act(
        intent, "other", destination=EMAIL, wants_new_link="1", replaces_open_page="1"
    )

    assert answer.status_code == 200
    statuses = CheckoutSession.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["closing", "open"]


# Cancel


def test_cancelling_closes_the_link_and_frees_the_items(desk: Desk, intent: PaymentIntent) -> None:
    answer = desk.act(intent, "cancel")

    intent.refresh_from_db()
    assert answer.status_code == 200
    assert intent.status == "canceled"
    assert CheckoutSession.objects.get().status == "closed"
    assert "payment under way" not in desk.page()


def test_cancelling_twice_changes_nothing_more(desk: Desk, intent: PaymentIntent) -> None:
    desk.act(intent, "cancel")
    before = PaymentEvent.objects.count()

    answer = desk.act(intent, "cancel")

    assert answer.status_code == 200
    assert PaymentEvent.objects.count() == before


def test_what_was_paid_cannot_be_cancelled(desk: Desk) -> None:
    capture = paid_capture(invoice=desk.fibre)
    paid = capture.attempt.intent
    before = PaymentEvent.objects.count()

    answer = desk.act(paid, "cancel")

    assert answer.status_code == 409
    assert "Refund it instead" in answer.content.decode()
    assert PaymentEvent.objects.count() == before


def silent(desk: Desk, intent: PaymentIntent) -> ProviderOperation:
    """A charge whose answer was lost."""
    method = desk.saved_card()
    items = [desk.fibre.public_id, desk.router.public_id]
    desk.take(items=items, saved_method=method.public_id, destination="")
    operation = ProviderOperation.objects.get(intent=intent, kind="charge")
    past = timezone.now() - dt.timedelta(minutes=5)
    ProviderOperation.objects.filter(pk=operation.pk).update(
        status="sent", first_sent_at=past, last_sent_at=past, lease_until=past, sends=1
    )
    operations.lose_answer(operation.pk)
    return operation


@pytest.mark.parametrize("act", ["resend", "other", "cancel"])
def test_while_the_outcome_is_unknown_nothing_can_be_done(
    desk: Desk, intent: PaymentIntent, act: str
) -> None:
    silent(desk, intent)
    messages = len(sent_messages())
    before = PaymentEvent.objects.count()

    answer = desk.act(intent, act, destination=EMAIL)

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Do not retry yet" in body
    assert len(sent_messages()) == messages
    assert PaymentEvent.objects.count() == before
    page = desk.page()
    assert "data-countdown=" in page
    assert 'data-key="r"' not in page


@pytest.mark.parametrize("act", ["resend", "other", "cancel"])
@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_may_only_look_changes_nothing(
    desk: Desk, intent: PaymentIntent, role: str, act: str
) -> None:
    desk.user = getattr(people, role)()
    desk.client = desk.browser()
    before = PaymentEvent.objects.count()

    answer = desk.act(intent, act, destination=EMAIL)

    assert answer.status_code == 403
    assert PaymentEvent.objects.count() == before
    assert 'data-key="r"' not in desk.page()


def test_a_payment_nobody_knows_is_not_found(desk: Desk) -> None:
    for act in ("resend", "other", "cancel", "refund"):
        assert desk.post(f"/payments/pi_unknown/{act}/").status_code == 404
