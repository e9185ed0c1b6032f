"""The guards of practice, each told so that it fails once its guard is gone.

What a practising agent's telephone may do, who is merged with whom, and who begins a lesson when.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import signatures
from core.models import AuditEvent
from crm import practice
from crm.errors import PracticeApart
from crm.models import Call, Customer, CustomerMerge, PhoneSystem, TimelineEntry
from crm.services import calls, merging, softphones, wrap_ups
from crm.telephony.base import SIGNATURE_HEADER
from tests.clients import signed_in
from tests.conftest import _owner
from tests.crm.control_server import ControlServer
from tests.factories.calls import NUMBER, SECRET, ExtensionFactory, ring, tell
from tests.factories.core import agent, auditor, finance, supervisor
from tests.factories.crm import CustomerFactory
from tests.payments.test_races import at_once
from tests.training.test_practice_apart import practice_customer
from training.errors import LessonGoesOn, LessonUnknown
from training.models import LessonRun
from training.services import runs, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from core.models import User
    from crm.models import Extension
    from tests.training.floor import Floor

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_NUMBER = "+358407654321"
ONE_AT_A_TIME = "lesson_one_at_a_time"


def extension_of(user: User, *, is_practice: bool, control_url: str = "") -> Extension:
    """A telephone of a person's, at a system of the one kind or the other."""
    system = PhoneSystem.objects.create(
        name="practice" if is_practice else "real",
        is_practice=is_practice,
        credentials={"secret": SECRET, "control_url": control_url},
    )
    made: Extension = ExtensionFactory.create(user=user, phone_system=system)
    return made


def ended_call(extension: Extension) -> Call:
    call = ring(extension.user, extension=extension)
    tell(call, "answered", 1)
    return tell(call, "ended", 40)


# The telephone


@pytest.mark.parametrize("practises", [True, False])
def test_nobody_names_a_customer_across_the_wall(*, practises: bool) -> None:
    """A refused word of a person leaves the call, the audit and the timeline as they were."""
    user = agent()
    own = extension_of(user, is_practice=practises)
    call = ring(user, OTHER_NUMBER, extension=own)
    across = CustomerFactory.create() if practises else practice_customer()
    before = AuditEvent.objects.count(), TimelineEntry.objects.count()

    with pytest.raises(PracticeApart):
        calls.name_customer(call=call, customer=across, actor=user)

    call.refresh_from_db()
    assert (call.customer, call.is_customer_chosen) == (None, False)
    assert (AuditEvent.objects.count(), TimelineEntry.objects.count()) == before


def test_a_practising_agent_wraps_up_the_call_of_the_lesson_and_no_other() -> None:
    user = agent()
    practised = ended_call(extension_of(user, is_practice=True))
    others = ended_call(extension_of(user, is_practice=False))

    assert wrap_ups.waiting_for(user) == others
    assert wrap_ups.waiting_for(user, practice_call=practised.external_id) == practised
    assert wrap_ups.waiting_for(user, practice_call=others.external_id) is None
    assert wrap_ups.waiting_for(user, practice_call="of another lesson") is None


@pytest.mark.parametrize("practises", [True, False])
def test_a_click_on_a_number_dials_on_the_telephone_of_its_kind(*, practises: bool) -> None:
    user, make = agent(), practice_customer if practises else CustomerFactory.create
    point = make(phone=NUMBER).contact_points.get()
    with ControlServer() as real, ControlServer() as practising:
        extension_of(user, is_practice=False, control_url=real.url)
        extension_of(user, is_practice=True, control_url=practising.url)

        signed_in(user).post(reverse("crm:dial", args=[point.public_id]))

        dialled = len(real.commands), len(practising.commands)
    assert dialled == ((0, 1) if practises else (1, 0))


def test_the_practice_telephone_obeys_no_hand_of_the_other(settings: Settings) -> None:
    settings.TRAINING_MODE = True
    other, own = (softphones.ensure_system(is_practice=kind) for kind in (False, True))
    body = json.dumps({"command": "dial", "extension": "soft-1", "number": NUMBER}).encode()

    def answers(system: PhoneSystem, door: str) -> int:
        signed = signatures.sign(body, system.credentials["secret"])
        headers = {SIGNATURE_HEADER: signed}
        address = reverse(f"crm:{door}")
        sent = Client().post(address, body, content_type="application/json", headers=headers)
        return sent.status_code

    assert answers(other, "practice-control") == answers(own, "softphone-control") == 400
    assert not Call.objects.exists()


# Merging


@pytest.mark.parametrize("practises", [True, False])
def test_a_merge_across_the_wall_changes_nothing(*, practises: bool) -> None:
    real, made_up = CustomerFactory.create(phone=NUMBER), practice_customer(phone=OTHER_NUMBER)
    source, target = (made_up, real) if practises else (real, made_up)
    before = list(Customer.objects.order_by("pk").values())
    audited = AuditEvent.objects.count()

    with pytest.raises(PracticeApart):
        merging.merge_customers(source=source, target=target, actor=supervisor())

    assert list(Customer.objects.order_by("pk").values()) == before
    assert [one.contact_points.count() for one in (source, target)] == [1, 1]
    assert not CustomerMerge.objects.exists()
    assert AuditEvent.objects.count() == audited


# Beginning a lesson


@pytest.mark.parametrize(("who", "key"), [(agent, "approve"), (auditor, "link_paid")])
def test_a_lesson_of_another_role_is_not_begun(floor: Floor, who: Any, key: str) -> None:
    user = who()
    client = signed_in(user)

    with pytest.raises(LessonUnknown):
        runs.start(user=user, key=key)
    client.post(reverse("training:start", args=[key]))

    assert not LessonRun.objects.exists()
    assert not Customer.objects.exists()
    assert practice.FLAG not in client.session


def test_a_lesson_that_there_is_not_is_not_found(floor: Floor) -> None:
    with pytest.raises(LessonUnknown):
        runs.start(user=agent(), key="no_such")

    assert signed_in(agent()).post("/training/start/no_such/").status_code == 404
    assert not LessonRun.objects.exists()


def test_of_eight_beginnings_at_once_one_begins(floor: Floor) -> None:
    user = finance()
    world.ensure_account()

    results = at_once([lambda: runs.start(user=user, key="approve")] * 8)

    assert sum(isinstance(one, LessonRun) for one in results) == 1
    assert sum(isinstance(one, LessonGoesOn) for one in results) == 7
    assert LessonRun.objects.count() == Customer.objects.count() == 1
    assert AuditEvent.objects.filter(action="lesson.started").count() == 1


def test_without_the_index_several_would_begin(floor: Floor) -> None:
    """The proof that the test before this one can fail."""
    user = finance()
    world.ensure_account()

    with without_index(ONE_AT_A_TIME):
        at_once([lambda: runs.start(user=user, key="approve")] * 4)
        begun = LessonRun.objects.update(abandoned_at=timezone.now(), next_at=None)

    assert begun == 4


@contextmanager
def without_index(name: str) -> Iterator[None]:
    """Take a guard of the database away, as only its owner can, and put it back."""
    with _owner() as owner:
        found = owner.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = found.fetchone() or ("",)
        owner.execute(f"DROP INDEX {name}".encode())
        try:
            yield
        finally:
            owner.execute(definition.encode())


def test_nobody_plays_in_the_lesson_of_somebody_else(floor: Floor) -> None:
    """A browser that claims another's run sees nothing of it, and ends nothing."""
    run = runs.start(user=agent(), key="link_paid")
    client = signed_in(agent())
    session = client.session
    session[practice.FLAG] = run.public_id
    session.save()

    seen = client.get("/training/strip/").text
    client.post("/training/end/")
    client.post("/training/give-up/")

    run.refresh_from_db()
    assert str(run.customer) not in seen
    assert run.is_live
