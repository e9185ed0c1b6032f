"""What does not work well is seen from the requests of the last minutes, and told to the agent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from payments import troubles
from payments.models import PaymentAttempt, ProviderAccount, ProviderOperation
from payments.services import health
from payments.services.health import Level, MethodHealth
from tests.factories.desk import Desk
from tests.factories.payments import PaymentAttemptFactory, ProviderAccountFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

Status = ProviderOperation.Status


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    health.forget()


def ended(account: ProviderAccount, *statuses: str, method: str = "card", **values: Any) -> None:
    """Let requests to open a page have ended so, just now."""
    for status in statuses:
        attempt = PaymentAttemptFactory.create(account=account, method=method)
        ProviderOperation.objects.create(
            account=account,
            kind="create",
            key=attempt.public_id,
            request_hash="0" * 64,
            intent=attempt.intent,
            attempt=attempt,
            amount=attempt.amount,
            currency=attempt.currency,
            status=status,
            send_at=timezone.now(),
            send_until=timezone.now() + timedelta(minutes=1),
            **values,
        )


def of(method: str) -> MethodHealth:
    return next(one for one in health.of_methods("EUR") if one.method == method)


def test_where_requests_are_answered_all_is_well() -> None:
    ended(ProviderAccountFactory.create(), Status.DONE, Status.DONE, Status.DECLINED, Status.DONE)

    assert {one.level for one in health.of_methods("EUR")} == {Level.WELL}
    assert troubles.of_currency("EUR") == []


def test_half_of_the_requests_without_an_answer_make_a_method_unsteady_and_that_one_only() -> None:
    ended(
        ProviderAccountFactory.create(),
        Status.DONE,
        Status.DONE,
        Status.UNKNOWN,
        Status.NOT_EXECUTED,
        method="mobilepay",
    )

    assert of("mobilepay").level is Level.UNSTEADY
    assert of("card").level is Level.WELL


def test_fewer_than_half_do_not() -> None:
    account = ProviderAccountFactory.create()
    ended(account, Status.DONE, Status.DONE, Status.DONE, Status.UNKNOWN, Status.UNKNOWN)

    assert of("card").level is Level.WELL


def test_three_requests_say_nothing_yet() -> None:
    ended(ProviderAccountFactory.create(), Status.UNKNOWN, Status.UNKNOWN, Status.UNKNOWN)

    assert of("card").level is Level.WELL


def test_an_answer_that_was_lost_first_counts_though_it_ended_well() -> None:
    account = ProviderAccountFactory.create()
    ended(account, Status.DONE, Status.DONE, has_lost_answer=True)
    ended(account, Status.DONE, Status.DONE)

    assert of("card").level is Level.UNSTEADY


def test_what_is_older_than_a_quarter_of_an_hour_is_forgotten() -> None:
    ended(ProviderAccountFactory.create(), *[Status.UNKNOWN] * 6)
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(minutes=16))

    assert of("card").level is Level.WELL


def test_an_account_that_could_not_be_reached_is_down_until_its_time_is_over() -> None:
    soon, before = timezone.now() + timedelta(seconds=20), timezone.now() - timedelta(seconds=1)
    account = ProviderAccountFactory.create(unavailable_until=soon)

    assert of("card").level is Level.DOWN

    ProviderAccount.objects.filter(pk=account.pk).update(unavailable_until=before)
    health.forget()
    assert of("card").level is Level.WELL


def test_another_account_stands_in_and_the_agent_need_do_nothing() -> None:
    down = timezone.now() + timedelta(seconds=20)
    ProviderAccountFactory.create(name="First", priority=1, unavailable_until=down)
    ProviderAccountFactory.create(name="Second", priority=2)

    (told,) = troubles.of_currency("EUR")

    assert of("card").level is Level.WELL
    assert told.tag == "First does not answer"
    assert told.note == "Payments go through Second instead. You need do nothing."
    assert told.say == ""


def test_the_panel_offers_the_next_best_with_words_to_say() -> None:
    desk = Desk()
    ended(ProviderAccountFactory.create(), *[Status.UNKNOWN] * 4, method="mobilepay")
    health.forget()

    page = desk.page()

    assert "MobilePay is unsteady" in page
    assert "Works now: Card, Online bank." in page
    assert "Would another way to pay suit you? Card works well right now." in page


def test_where_nothing_works_an_invoice_is_offered() -> None:
    down = timezone.now() + timedelta(seconds=20)
    ProviderAccountFactory.create(methods=["card"], unavailable_until=down)

    (told,) = troubles.of_currency("EUR")

    assert told.tone == "fail"
    assert told.note == "No other way to pay works now. Offer an invoice."


def test_a_currency_that_nobody_takes_has_no_ways_to_tell_of() -> None:
    assert health.of_methods("SEK") == []
    assert troubles.of_currency("SEK") == []


def test_it_looks_once_in_five_seconds(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ProviderAccountFactory.create()

    with django_assert_num_queries(2):
        health.of_methods("EUR")
        health.of_methods("EUR")
