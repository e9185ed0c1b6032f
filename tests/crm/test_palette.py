from __future__ import annotations

import pytest
from django.test import Client
from django.urls import resolve, reverse

from core import policy
from core.models import Role, User
from crm import palette
from crm.palette import Act
from tests.clients import signed_in
from tests.factories.core import UserFactory, agent
from tests.factories.crm import CustomerFactory

pytestmark = pytest.mark.django_db

# The session and the person; the search's own two come on top.
BUDGET = 4


def ask(browser: Client, *, term: str = "", path: str = "/", act: tuple[str, ...] = ()) -> str:
    answer = browser.post(
        reverse("crm:search"),
        {"term": term, "act": list(act)},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{path}"},
    )
    assert answer.status_code == 200
    return answer.content.decode()


def names(acts: list[Act]) -> list[str]:
    return [act.name for act in acts]


def test_it_offers_what_the_page_can_press_and_where_one_may_go() -> None:
    text = ask(signed_in(agent()), act=("r Resend", "x Cancel"))

    assert 'data-press="r"' in text
    assert "Resend" in text
    assert reverse("payments:list") in text
    assert reverse("reporting:takings") not in text  # not an agent's


def test_a_customers_page_offers_what_is_done_on_its_other_pages() -> None:
    customer = CustomerFactory.create()
    timeline = reverse("crm:customer-tab", args=[customer.public_id, "timeline"])
    pay = reverse("crm:customer-tab", args=[customer.public_id, "pay"])
    browser = signed_in(agent())

    assert f"{pay}#key-l" in ask(browser, path=timeline)
    assert f"{pay}#key-l" not in ask(browser, path=pay)
    assert "#key-l" not in ask(browser, path="/")


def test_whoever_may_not_take_payments_is_not_offered_to() -> None:
    customer = CustomerFactory.create()
    browser = signed_in(UserFactory.create(role=Role.AUDITOR))

    text = ask(browser, path=reverse("crm:customer", args=[customer.public_id]))

    assert "#key-l" not in text
    assert "#key-n" not in text


def test_words_choose_acts_and_numbers_choose_customers() -> None:
    acts = [Act("Send link by SMS to +358 40 ··· 4567", ("L",), press="l"), Act("Refund", ("F",))]

    assert names(palette.answering(acts, "link se")) == [acts[0].name]
    assert palette.answering(acts, "4567") == []
    assert palette.answering(acts, "") == acts
    assert palette.answering(acts, "end") == []


def test_a_customer_stands_before_any_act() -> None:
    CustomerFactory.create(name="Refunda Virtanen")

    text = ask(signed_in(agent()), term="refund", act=("f Refund",))

    assert text.index("Refunda Virtanen") < text.index('data-press="f"')


def test_what_a_page_is_said_to_offer_is_written_as_text() -> None:
    text = ask(signed_in(agent()), act=("f <b>bold</b>", "nonsense", *["r Resend"] * 99))

    assert "<b>" not in text
    assert "nonsense" not in text
    assert text.count("Resend") < palette.MOST_ACTS


@pytest.mark.parametrize("path", ["", "/nowhere/", "//", "/customers/new/", "http://[half"])
def test_no_address_is_too_odd_to_be_asked_from(path: str) -> None:
    answer = signed_in(agent()).post(
        reverse("crm:search"), {}, headers={"HX-Request": "true", "HX-Current-URL": path}
    )

    assert answer.status_code == 200


def test_the_palette_asks_the_database_for_nothing_but_the_search(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    CustomerFactory.create(name="Matti Virtanen")
    browser = signed_in(agent())

    with django_assert_max_num_queries(BUDGET):  # type: ignore[operator]
        ask(browser, term="virta", act=("r Resend",))


@pytest.mark.parametrize("role", Role.values)
def test_every_place_that_is_offered_opens(role: str) -> None:
    customer = CustomerFactory.create()
    person = UserFactory.create(role=role)
    browser = signed_in(person)
    acts = palette.acts_for(person, customer_id=customer.public_id)

    answers = {act.address: browser.get(act.address).status_code for act in acts}

    assert set(answers.values()) == {200}, answers


def test_a_place_asks_for_what_its_page_asks_for() -> None:
    for place in palette.places_for(_everybody()):
        wanted = getattr(resolve(place.address()).func, "permission", None)

        assert wanted in {place.permission, policy.SIGNED_IN, None}, place.view


def test_no_two_places_share_a_chord() -> None:
    chords = [place.chord for place in palette.places_for(_everybody()) if place.chord]

    assert len(set(chords)) == len(chords)
    assert all(chord.startswith("g ") for chord in chords)


def _everybody() -> User:
    return UserFactory.build(role=Role.SUPERVISOR, is_active=True)
