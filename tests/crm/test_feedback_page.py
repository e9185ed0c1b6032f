"""The customer's page of the question: open to the secret alone, and changed by its forms alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from core.models import AuditEvent
from crm.models import Consent, Feedback
from crm.services.feedback_links import address_of
from tests.factories.feedback import answered, asked, caller, ended, talk, wrapped_up

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def path_of(question: Feedback) -> str:
    return "/" + address_of(question).split("/", 3)[3]


def browser() -> Client:
    """A browser of somebody nobody knows, which checks forms as Django does for everybody."""
    return Client(enforce_csrf_checks=True)


def test_whoever_has_the_address_answers_without_scripts() -> None:
    question = asked()
    client = browser()

    page = client.get(path_of(question) + "?lang=en").content.decode()
    (action,) = re.findall(r'<form method="post" action="([^"]+/answer/[^"]*)"', page)
    scores = re.findall(r'name="score" value="(\d)"', page)
    answer = client.post(action, {"score": "4"}, follow=True)

    assert "How did our call go?" in page
    assert "<script" not in page
    assert scores == list("12345")
    assert answer.redirect_chain == [(path_of(question) + "?lang=en", 303)]
    assert "Your answer is 4 of 5" in answer.content.decode()
    assert Feedback.objects.get().score == 4


def test_words_are_added_and_a_changed_number_keeps_them() -> None:
    question = answered(2)
    path = path_of(question) + "answer/"
    client = browser()

    client.post(path, {"score": "2", "words": "Line one\r\nLine two"})
    client.post(path, {"score": "3"})
    kept = Feedback.objects.get()
    client.post(path, {"score": "3", "words": ""})

    assert (kept.score, kept.words) == (3, "Line one\nLine two")
    assert Feedback.objects.get().words == ""


def test_reading_it_changes_nothing_whoever_follows_the_link() -> None:
    """Scanners of mail and text messages open every address they see, and each they find there."""
    question = answered(4)
    path = path_of(question)
    before = (Feedback.objects.values().get(), AuditEvent.objects.count())

    statuses = [
        getattr(browser(), method)(path + leads_to).status_code
        for method in ("get", "head", "options")
        for leads_to in ("", "?lang=sv", "answer/", "answer/?score=1", "no-more/")
    ]

    assert (Feedback.objects.values().get(), AuditEvent.objects.count()) == before
    assert not Consent.objects.exists()
    assert set(statuses) == {200, 405}


def test_a_wrong_secret_opens_nothing_and_changes_nothing() -> None:
    question, other = asked(), asked()
    foreign = path_of(other).replace(other.public_id, question.public_id)
    withheld = wrapped_up(talk(caller()), unasked="declined").feedback

    for path in (
        foreign,
        path_of(question)[:-2] + "x/",
        path_of(question).replace("fb_", "fb_0"),
        path_of(withheld),
    ):
        assert browser().get(path).status_code == 404
        assert browser().post(path + "answer/", {"score": "1"}).status_code == 404
        assert browser().post(path + "no-more/").status_code == 404

    assert not Feedback.objects.exclude(score=None).exists()
    assert not Consent.objects.exists()


def test_the_secret_is_stored_nowhere_and_is_another_for_each_question() -> None:
    first, second = asked(), asked()
    secrets = [path_of(question).split("/")[3] for question in (first, second)]

    assert secrets[0] != secrets[1]
    assert all(len(secret) == 22 for secret in secrets)
    assert secrets[0] not in str(Feedback.objects.values().get(pk=first.pk))


def test_an_ended_question_says_so_and_takes_nothing() -> None:
    question = ended(answered(3, "fine"))
    path = path_of(question)

    answers = [
        browser().get(path),
        browser().post(path + "answer/", {"score": "1", "words": "bad"}),
        browser().post(path + "no-more/"),
    ]

    assert [answer.status_code for answer in answers] == [410, 410, 410]
    kept = Feedback.objects.get()
    assert (kept.score, kept.words) == (3, "fine")
    assert not Consent.objects.exists()


def test_a_form_of_another_site_is_refused() -> None:
    question = asked()

    answer = browser().post(
        path_of(question) + "answer/", {"score": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 404
    assert Feedback.objects.get().score is None


@pytest.mark.parametrize(
    "data",
    [{}, {"score": "0"}, {"score": "6"}, {"score": "four"}, {"score": "4", "words": "x" * 501}],
)
def test_what_is_no_answer_is_refused_and_said(data: dict[str, str]) -> None:
    question = asked()

    answer = browser().post(path_of(question) + "answer/?lang=en", data)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Feedback.objects.get().score is None


def test_five_hundred_characters_fit_however_lines_end() -> None:
    question = answered(5)
    words = "\r\n".join(["x" * 99] * 5)

    answer = browser().post(path_of(question) + "answer/", {"score": "5", "words": words})

    assert answer.status_code == 303
    assert len(Feedback.objects.get().words) == 499


def test_a_card_number_is_neither_kept_nor_shown_back() -> None:
    question = answered(5)
    words = "4111 1111 1111 1111 " + "x" * 500

    answer = browser().post(path_of(question) + "answer/", {"score": "5", "words": words})

    assert answer.status_code == 422
    assert "4111 1111" not in answer.content.decode()
    assert "4111" not in Feedback.objects.get().words


def test_who_wants_no_questions_gets_none() -> None:
    question = asked()

    answer = browser().post(path_of(question) + "no-more/?lang=en", follow=True)

    assert "We will not ask you again after calls." in answer.content.decode()
    assert not Consent.objects.get().is_given


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "How did our call go?"),
        ("fi", "Miten puhelumme sujui?"),
        ("sv", "Hur gick vårt samtal?"),
    ],
)
def test_it_speaks_the_language_of_the_customer_and_the_asked_one(
    language: str, title: str
) -> None:
    own = Feedback.objects.get(call=wrapped_up(talk(caller(language=language))))

    assert title in browser().get(path_of(own)).content.decode()
    assert title in browser().get(path_of(asked()) + f"?lang={language}").content.decode()


def test_the_address_is_kept_from_other_sites_search_engines_and_caches() -> None:
    page = browser().get(path_of(asked()))

    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"
    assert "unsafe" not in page["Content-Security-Policy"]


def test_it_takes_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    path = path_of(asked())

    with django_assert_max_num_queries(3):
        browser().get(path)
