"""The acts beneath the rail, and refunds: each role, each refusal, each second press."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import timezone

from core.ids import make_public_id
from core.models import AuditEvent
from crm.models import OutgoingMessage
from orders.models import CreditNote
from payments.models import CheckoutSession, PaymentEvent, PaymentIntent, ProviderOperation, Refund
from payments.services import operations
from tests.factories import core as people
from tests.factories.desk import EMAIL, HTMX, Desk
from tests.factories.payments import PaymentAttemptFactory, paid_capture
from tests.orders.threads import race

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payments.models import Capture

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
    assert "link sent, waiting" not in desk.page()


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


# Refunds


@pytest.fixture
def capture(desk: Desk) -> Capture:
    return paid_capture(invoice=desk.fibre)


def refund(desk: Desk, taken: Capture, **changes: Any) -> Any:
    fields = {
        "capture": taken.public_id,
        "amount": "€79.90",
        "reason": "Delivered late",
        **changes,
    }
    return desk.act(taken.attempt.intent, "refund", **fields)


def test_the_refund_panel_tells_the_limits_before(desk: Desk, capture: Capture) -> None:
    answer = desk.get(f"/payments/{capture.attempt.intent.public_id}/refund/")

    body = answer.content.decode()
    assert "€79.90 can be given back" in body
    assert "You may refund €100.00 at a time, and €500.00 more today" in body
    assert "Write a credit note" in body


def test_a_refund_is_reserved_and_told(desk: Desk, capture: Capture) -> None:
    answer = refund(desk, capture, amount="30", wants_credit_note="1")

    made = Refund.objects.get()
    assert answer.status_code == 200
    assert (made.amount, made.reason, made.requested_by) == (3_000, "Delivered late", desk.user)
    assert made.wants_credit_note
    assert ProviderOperation.objects.get(kind="refund").status == "created"
    assert "Refund of €30.00 asked for" in answer.content.decode()
    assert CreditNote.objects.count() == 0
    assert AuditEvent.objects.filter(action="refund.requested").count() == 1


def test_the_same_form_refunds_once(desk: Desk, capture: Capture) -> None:
    operation = make_public_id("op")

    answers = [refund(desk, capture, operation=operation) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"amount": "80"}, 422, "Only €79.90 is left to refund"),
        ({"amount": "0"}, 422, "greater than zero"),
        ({"amount": "abc"}, 422, "Write the amount as"),
        ({"amount": CARD}, 422, "looks like a card number"),
        ({"reason": ""}, 422, "Write why the money is given back"),
        ({"reason": "   "}, 422, "Write why the money is given back"),
        ({"capture": "cap_unknown"}, 422, "Select a valid choice"),
        ({"operation": "x"}, 422, ""),
    ],
)
def test_a_refund_that_cannot_be_is_refused_in_its_place(
    desk: Desk, capture: Capture, changes: dict[str, str], status: int, words: str
) -> None:
    answer = refund(desk, capture, **changes)

    body = answer.content.decode()
    assert answer.status_code == status
    assert words in body
    assert CARD not in body
    assert Refund.objects.count() == 0
    assert ProviderOperation.objects.filter(kind="refund").count() == 0


def test_a_refund_above_the_limit_is_refused(desk: Desk) -> None:
    capture = paid_capture(invoice=desk.router)

    answer = refund(desk, capture, amount="105")

    assert answer.status_code == 403
    assert "You may refund up to €100.00 at a time" in answer.content.decode()
    assert Refund.objects.count() == 0


def test_a_card_number_in_the_reason_is_masked(desk: Desk, capture: Capture) -> None:
    refund(desk, capture, reason=f"paid with {CARD}")

    assert Refund.objects.get().reason == "paid with ••••1111"
    assert "4111" not in AuditEvent.objects.get(action="refund.requested").reason


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_who_may_not_refund_changes_nothing(desk: Desk, capture: Capture, role: str) -> None:
    desk.user = getattr(people, role)()
    desk.client = desk.browser()

    assert refund(desk, capture).status_code == 403
    assert desk.get(f"/payments/{capture.attempt.intent.public_id}/refund/").status_code == 403
    assert Refund.objects.count() == 0


def test_finance_refunds_what_an_agent_took(desk: Desk, capture: Capture) -> None:
    desk.user = people.finance()
    desk.client = desk.browser()

    assert refund(desk, capture).status_code == 200
    assert Refund.objects.get().requested_by == desk.user


def test_without_scripts_a_refund_has_a_page_of_its_own(desk: Desk, capture: Capture) -> None:
    path = f"/payments/{capture.attempt.intent.public_id}/refund/"
    assert "<html" in desk.client.get(path).content.decode()
    fields = {
        "operation": make_public_id("op"),
        "capture": capture.public_id,
        "amount": "€79.90",
        "reason": "Delivered late",
    }

    answer = desk.client.post(path, fields)

    assert answer["Location"] == f"/payments/{capture.attempt.intent.public_id}/"
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_never_exceed_what_was_taken(desk: Desk, capture: Capture) -> None:
    path = f"/payments/{capture.attempt.intent.public_id}/refund/"
    fields = {"capture": capture.public_id, "amount": "50", "reason": "Delivered late"}
    browsers = [desk.browser() for _ in range(6)]

    answers = race(
        [
            lambda b=b: b.post(path, {**fields, "operation": make_public_id("op")}, headers=HTMX)  # type: ignore[misc]
            for b in browsers
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422, 422]
    assert Refund.objects.count() == 1
