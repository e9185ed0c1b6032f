"""Keying a card: only with the right, a call on the line, and its recording paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.models import AuditEvent
from crm.models import Call
from crm.services import calls
from payments import errors
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderAccount,
    ProviderOperation,
)
from payments.services import keyed, links, operations
from payments.services.verifying import differences
from tests.factories import core as people
from tests.factories.calls import ring, tell
from tests.factories.crm import CustomerFactory
from tests.factories.desk import Desk as Panel
from tests.factories.payments import ProviderAccountFactory
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from core.models import User

__all__ = ["desk", "sandbox", "sandbox_process"]

Recording = Call.Recording
Status = Call.Status


def call_of(user: User, status: str = Status.ANSWERED, recording: str = Recording.PAUSED) -> Call:
    """A call of a person's, as far as the telephone system has told of it."""
    call = ring(user)
    if status != Status.RINGING:
        call = tell(call, "answered", 1)
    if recording != Recording.NONE:
        call = tell(call, "recording_started", 2)
    if recording == Recording.PAUSED:
        call = tell(call, "recording_paused", 3)
    return tell(call, "ended", 4) if status == Status.ENDED else call


def nothing_is_asked() -> bool:
    rows = (PaymentIntent, CheckoutSession, PaymentAttempt, ProviderOperation)
    return not any(model.objects.exists() for model in rows)


@pytest.fixture
def panel(db: None) -> Panel:
    ProviderAccountFactory.create()
    return Panel(people.supervisor())


def key(panel: Panel, **changes: Any) -> Any:
    return panel.take(destination="", is_keyed="1", **changes)


def test_a_page_is_asked_for_and_the_rail_tells_it(panel: Panel) -> None:
    call_of(panel.user)

    answer = key(panel)

    session = CheckoutSession.objects.get()
    assert answer.status_code == 200
    assert (session.kind, session.status, session.destination) == ("keyed", "open", "")
    assert ProviderOperation.objects.get().kind == "create"
    assert "Asking for the card page…" in answer.content.decode()


def test_twice_pressed_is_one_page(panel: Panel) -> None:
    call_of(panel.user)
    fields = panel.fields(destination="", is_keyed="1")

    for _ in range(2):
        panel.post(f"/customers/{panel.customer.public_id}/pay/send/", fields)
    key(panel)

    assert CheckoutSession.objects.count() == 1
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recording": Recording.ON}, "Pause the recording first"),
        ({"status": Status.RINGING}, "only during a call that is on the line"),
        ({"status": Status.ENDED}, "only during a call that is on the line"),
    ],
)
def test_a_call_that_does_not_allow_it_changes_nothing(
    panel: Panel, changes: dict[str, Any], words: str
) -> None:
    call_of(panel.user, **changes)

    answer = key(panel)

    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert nothing_is_asked()


def test_somebody_elses_call_does_not_count(panel: Panel) -> None:
    call_of(people.agent())

    assert key(panel).status_code == 409
    assert nothing_is_asked()


def test_a_line_that_is_not_recorded_needs_no_pause(panel: Panel) -> None:
    call_of(panel.user, recording=Recording.NONE)

    assert key(panel).status_code == 200


@pytest.mark.django_db
def test_without_the_right_it_is_refused_and_not_offered() -> None:
    ProviderAccountFactory.create()
    panel = Panel(people.agent())
    call_of(panel.user)

    answer = key(panel)

    assert answer.status_code == 403
    assert "Key the card" not in panel.page()
    assert nothing_is_asked()


def test_where_no_provider_takes_keyed_cards_it_is_not_offered(panel: Panel) -> None:
    ProviderAccount.objects.update(methods=["mobilepay"])
    call_of(panel.user)

    answer = key(panel)

    assert answer.status_code == 422
    assert "Key the card" not in panel.page()
    assert nothing_is_asked()


def test_the_panel_says_why_it_cannot_be_done_now(panel: Panel) -> None:
    call_of(panel.user, recording=Recording.ON)

    page = panel.page()

    assert "Pause the recording first" in page
    assert 'name="is_keyed" value="1"' in page


def test_a_link_takes_the_place_of_the_card_page(panel: Panel) -> None:
    call_of(panel.user)
    key(panel)

    asked, sent = panel.take(), panel.take(replaces_open_page="1")

    assert (asked.status_code, sent.status_code) == (409, 200)
    keyed_one, link = CheckoutSession.objects.order_by("pk")
    assert (keyed_one.kind, link.kind) == ("keyed", "link")
    assert link.status == "open"
    assert keyed_one.status in {"closing", "closed"}


@pytest.mark.django_db(transaction=True)
def test_it_is_paid_on_the_providers_page(desk: Desk) -> None:
    supervisor = people.supervisor()
    call_of(supervisor)
    attempt = keyed.open_page(intent_id=desk.intent().pk, actor=supervisor)
    operations.drain()

    address = keyed.page_for_agent(intent_id=attempt.intent_id, actor=supervisor)
    desk.sandbox.pay(address, card="4000002500003155")
    desk.poll()

    attempt.intent.refresh_from_db()
    assert attempt.intent.status == "succeeded"
    assert CheckoutSession.objects.get().status == "paid"
    assert AuditEvent.objects.filter(action="checkout_session.keyed").count() == 1
    assert list(differences()) == []


@pytest.mark.django_db(transaction=True)
def test_the_page_is_not_opened_once_the_recording_goes_on_again(desk: Desk) -> None:
    supervisor = people.supervisor()
    call = call_of(supervisor)
    attempt = keyed.open_page(intent_id=desk.intent().pk, actor=supervisor)
    operations.drain()
    call = tell(call, "recording_resumed", 10)

    with pytest.raises(errors.RecordingNotPaused):
        keyed.page_for_agent(intent_id=attempt.intent_id, actor=supervisor)

    assert CheckoutSession.objects.get().opened_at is None
    assert not AuditEvent.objects.filter(action="checkout_session.keyed").exists()


@pytest.mark.django_db(transaction=True)
def test_the_view_leads_on_without_telling_where_from(desk: Desk) -> None:
    panel = Panel(people.supervisor())
    call_of(panel.user)
    attempt = keyed.open_page(intent_id=desk.intent().pk, actor=panel.user)
    early = panel.act(attempt.intent, "card-page")
    operations.drain()

    answer = panel.act(attempt.intent, "card-page")

    attempt.refresh_from_db()
    assert early.status_code == 409
    assert answer["Refresh"] == f"0; url={attempt.page_url}"
    assert answer["Referrer-Policy"] == "no-referrer"
    panel.customer = desk.customer
    assert "Key the card on the provider’s page" in panel.page()
    assert "Please read me the card number" in panel.page()


@pytest.mark.django_db(transaction=True)
def test_the_way_back_from_the_page_leads_to_the_payment(desk: Desk) -> None:
    panel = Panel(people.supervisor())
    call_of(panel.user)
    attempt = keyed.open_page(intent_id=desk.intent().pk, actor=panel.user)

    answer = panel.client.get(f"/pay/back/{attempt.public_id}/")

    assert answer.status_code == 303
    assert answer["Location"] == f"/payments/{attempt.intent.public_id}/"


@pytest.mark.django_db(transaction=True)
def test_its_secret_opens_no_customers_page(desk: Desk) -> None:

    panel = Panel(people.supervisor())
    call_of(panel.user)
    keyed.open_page(intent_id=desk.intent().pk, actor=panel.user)
    session = CheckoutSession.objects.get()

    answer = panel.client.get(f"/pay/{session.public_id}/{links.secret_of(session)}/")

    assert answer.status_code == 404


def test_a_consulted_colleague_does_not_hide_a_recording_that_runs(panel: Panel) -> None:
    call_of(panel.user, recording=Recording.ON)
    call_of(panel.user, recording=Recording.NONE)

    answer = key(panel)

    assert answer.status_code == 409
    assert "Pause the recording first" in answer.content.decode()
    assert nothing_is_asked()


def test_the_call_of_another_customer_does_not_count(panel: Panel) -> None:
    other = CustomerFactory.create()
    calls.name_customer(call=call_of(panel.user), customer=other, actor=panel.user)

    answer = key(panel)

    assert "with another customer" in answer.content.decode()
    assert nothing_is_asked()


@pytest.mark.django_db(transaction=True)
def test_the_next_call_gets_a_page_of_its_own(desk: Desk) -> None:
    supervisor = people.supervisor()
    first = call_of(supervisor)
    intent = desk.intent()
    keyed.open_page(intent_id=intent.pk, actor=supervisor)
    operations.drain()
    tell(first, "ended", 30)
    second = call_of(supervisor)

    with pytest.raises(errors.SessionNotOpen):
        keyed.page_for_agent(intent_id=intent.pk, actor=supervisor)
    keyed.open_page(intent_id=intent.pk, actor=supervisor, replaces_open_page=True)

    assert [one.call for one in CheckoutSession.objects.order_by("pk")] == [first, second]
