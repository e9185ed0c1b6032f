"""The pages of training: what one sees of one's own, and what who leads sees of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from crm import help as helping
from tests.clients import signed_in
from tests.factories.core import agent, auditor, finance, supervisor
from tests.sandbox.server import GOOD_CARD
from training import lessons
from training.models import CheckResult, LessonRun
from training.services import runs, weak

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User

pytestmark = pytest.mark.django_db


def taken(user: User, key: str = "link_paid", *, met: int = 0) -> LessonRun:
    """A finished run of which the first so many checks were met."""
    now = timezone.now()
    lesson = lessons.find(key)
    assert lesson is not None
    checks = lesson.checks
    score = 100 * sum(check.points for check in checks[:met]) // lesson.points
    run = LessonRun.objects.create(
        user=user, lesson=key, amount=100, beat_at=now, ends_by=now, finished_at=now, score=score
    )
    CheckResult.objects.bulk_create(
        CheckResult(run=run, check_key=check.key, points=check.points, is_met=at < met)
        for at, check in enumerate(checks)
    )
    return run


def answer(client: Client, run: LessonRun, **form: Any) -> int:
    return client.post(f"/training/runs/{run.public_id}/feedback/", form).status_code


def test_each_role_has_its_own_lessons() -> None:
    assert len(list(lessons.lessons_for(agent()))) >= 8
    assert len(list(lessons.lessons_for(finance()))) >= 3
    assert {one.key for one in lessons.lessons_for(agent())} & {"approve", "keyed"} == set()
    assert lessons.lessons_for(auditor()) == []


@pytest.mark.parametrize("lesson", lessons.ALL, ids=lambda lesson: lesson.key)
def test_every_lesson_is_worth_a_hundred_points_and_says_what_to_do_better(lesson: Any) -> None:
    assert lesson.points == 100
    assert len({check.key for check in lesson.checks}) == len(lesson.checks)
    assert all(check.says and check.better for check in lesson.checks)
    assert helping.find(lesson.help, "en") is not None


def test_the_list_shows_the_best_score_and_how_often_it_was_taken(
    django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.TRAINING_MODE, settings.SANDBOX_URL = True, "http://127.0.0.1:1"
    user = agent()
    taken(user, met=1)
    taken(user, met=4)
    client = signed_in(user)

    with django_assert_max_num_queries(12):
        page = client.get("/training/").text

    assert "<strong>100</strong>" in page
    assert "taken 2 times" in page


def test_a_run_is_shown_to_its_taker_and_to_who_leads_and_to_nobody_else() -> None:
    user = agent()
    run = taken(user)
    address = f"/training/runs/{run.public_id}/"

    seen = [signed_in(one).get(address).status_code for one in (user, supervisor(), agent())]

    assert seen == [200, 200, 404]


def test_two_questions_are_answered_once_and_card_numbers_are_masked() -> None:
    user = agent()
    run = taken(user)
    client = signed_in(user)

    assert answer(client, run, clarity="6") == 422
    assert answer(client, run, clarity="2", missing=f"I typed {GOOD_CARD}") == 302
    answer(client, run, clarity="5", missing="again")

    run.refresh_from_db()
    assert (run.clarity, GOOD_CARD in run.missing, run.missing[:7]) == (2, False, "I typed")
    assert answer(signed_in(agent()), run, clarity="3") == 404


def test_weak_lessons_come_first_with_what_is_missed_most() -> None:
    one, other = agent(), agent()
    taken(one, met=1), taken(other, met=2), taken(one, "promise", met=4)
    LessonRun.objects.filter(lesson="link_paid").update(clarity=4)

    first, second = weak.measures()

    assert (first.lesson.key, first.taken, first.score, first.is_weak) == ("link_paid", 2, 45, True)
    assert [(m.check.key, m.missed, m.looked) for m in first.missed] == [
        ("stayed", 2, 2),
        ("wrapped", 2, 2),
        ("paid", 1, 2),
    ]
    assert (second.lesson.key, second.is_weak) == ("promise", False)


def test_a_lesson_that_nobody_finds_clear_is_weak_however_well_it_is_done() -> None:
    run = taken(agent(), met=4)
    runs.take_feedback(run=run, clarity=1, missing="")

    assert [one.is_weak for one in weak.measures()] == [True]


def test_each_number_of_the_team_opens_its_rows(django_assert_max_num_queries: Any) -> None:
    user = agent()
    bad, good = taken(user, met=1), taken(user, met=4)
    client = signed_in(supervisor())

    with django_assert_max_num_queries(12):
        page = client.get("/training/team/").text
    missed = client.get("/training/team/runs/?lesson=link_paid&missed=paid").text

    assert "?lesson=link_paid&amp;missed=paid" in page
    assert (bad.public_id in missed, good.public_id in missed) == (True, False)
    assert f"?who={user.username}" in page


@pytest.mark.parametrize("path", ["team/", "team/runs/"])
def test_how_others_do_is_for_who_leads(path: str) -> None:
    seen = [signed_in(one).get(f"/training/{path}").status_code for one in (agent(), finance())]

    assert seen == [403, 403]


def test_what_is_given_up_has_no_score_and_no_questions() -> None:
    user = agent()
    now = timezone.now()
    run = LessonRun.objects.create(
        user=user, lesson="promise", amount=1, beat_at=now, next_at=now, ends_by=now
    )
    client = signed_in(user)

    client.post("/training/give-up/")

    run.refresh_from_db()
    assert (run.is_live, run.score, run.next_at) == (False, None, None)
    page = client.get(f"/training/runs/{run.public_id}/").text
    assert "no score" in page
    assert "feedback" not in page
