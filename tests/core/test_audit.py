"""What somebody did is written once, says no names, and cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction

from core import audit, context
from core.models import AuditEvent
from tests.factories.core import ApiKeyFactory, agent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = pytest.mark.django_db


def test_a_deed_is_one_row_with_actor_object_and_request(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    actor, subject = agent(), agent()

    with (
        context.entered(context.RequestContext(request_id="req-1")),
        django_assert_num_queries(1),
    ):
        audit.record(actor, "user.changed", subject, before={"role": "agent"}, after={"role": "x"})

    event = AuditEvent.objects.get()
    assert (event.actor_kind, event.actor_id) == ("user", actor.public_id)
    assert (event.object_type, event.object_id) == ("core.user", subject.public_id)
    assert event.request_id == "req-1"
    assert event.xid > 0


def test_values_are_kept_as_keyed_digests_only(settings: Settings) -> None:
    audit.record(agent(), "customer.changed", agent(), before={"phone": "+358401234567"})

    event = AuditEvent.objects.get()
    assert event.before_digest == audit.digest({"phone": "+358401234567"})
    assert event.after_digest == ""
    settings.SEAL_KEY = "another key"
    assert event.before_digest != audit.digest({"phone": "+358401234567"})


def test_the_order_of_names_in_a_digest_does_not_matter() -> None:
    assert audit.digest({"a": 1, "b": 2}) == audit.digest({"b": 2, "a": 1})
    assert audit.digest({"a": 1}) != audit.digest({"a": 2})


def test_a_key_and_a_job_are_actors_too() -> None:
    key = ApiKeyFactory.create()

    audit.record(key, "payment.taken", key)
    audit.record("sweep", "payment.expired", key)

    kinds = AuditEvent.objects.order_by("id").values_list("actor_kind", "actor_id")
    assert list(kinds) == [("api_key", key.public_id), ("job", "sweep")]


def test_a_card_number_in_a_reason_is_masked() -> None:
    audit.record(agent(), "refund.requested", agent(), reason="card 4111 1111 1111 1111, sorry")

    assert AuditEvent.objects.get().reason == "card ••••1111, sorry"


@pytest.mark.parametrize("change", [{"action": "nothing"}, {"reason": "another"}])
def test_the_database_refuses_to_change_an_event(change: dict[str, str]) -> None:
    audit.record(agent(), "refund.requested", agent(), reason="asked by phone")

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.update(**change)

    event = AuditEvent.objects.get()
    assert (event.action, event.reason) == ("refund.requested", "asked by phone")


def test_the_database_refuses_to_delete_an_event() -> None:
    audit.record(agent(), "refund.requested", agent())

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.all().delete()

    assert AuditEvent.objects.count() == 1


def test_only_the_reason_can_be_blanked() -> None:
    audit.record(agent(), "refund.requested", agent(), reason="Matti asked")

    AuditEvent.objects.update(reason="")

    event = AuditEvent.objects.get()
    assert event.reason == ""
    assert event.reason_digest == audit.digest("Matti asked")
