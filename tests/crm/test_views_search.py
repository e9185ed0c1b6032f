from __future__ import annotations

import logging

import pytest
from django.test import Client
from django.urls import reverse

from tests.clients import signed_in
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

pytestmark = pytest.mark.django_db


def test_the_answers_say_why_they_match() -> None:
    CustomerFactory.create(name="Matti Virtanen", phone="+358401234567")

    answer = signed_in(agent()).post(
        reverse("crm:search"), {"term": "040 123"}, headers={"HX-Request": "true"}
    )

    text = answer.content.decode()
    assert 'role="option"' in text
    assert "Matti Virtanen" in text
    assert "+358 40 1234567" in text
    assert "<html" not in text


def test_without_scripts_the_box_leads_to_a_page_of_answers() -> None:
    customer = CustomerFactory.create(name="Matti Virtanen")

    answer = signed_in(agent()).post(reverse("crm:search"), {"term": "virta"})

    assert answer.status_code == 200
    assert reverse("crm:customer", args=[customer.public_id]) in answer.content.decode()


def test_a_card_number_is_refused_and_not_repeated() -> None:
    answer = signed_in(agent()).post(
        reverse("crm:search"), {"term": "4111 1111 1111 1111"}, headers={"HX-Request": "true"}
    )

    assert "looks like a card number" in answer.content.decode()
    assert "4111" not in answer.content.decode()


def test_no_log_keeps_the_term(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    signed_in(agent()).post(reverse("crm:search"), {"term": "Secretperson"})

    assert all(
        "secretperson" not in record.getMessage().lower()
        for record in caplog.records
        if record.name != "django.db.backends"
    )


def test_a_stranger_is_sent_to_the_sign_in_page() -> None:
    answer = Client().post(reverse("crm:search"), {"term": "virtanen"})

    assert answer.status_code == 302
    assert reverse("account_login") in answer.headers["Location"]
