"""A refusal is a sentence in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.errors import CardNumberRefused, DomainError, InvalidInput, NotAllowed, NotFound
from core.money import Money


class OnlySoMuchIsLeft(DomainError):
    code = "only_so_much_is_left"
    message = _("Only %(left)s is left of %(number)s.")


def test_money_in_a_sentence_is_written_for_its_reader() -> None:
    error = OnlySoMuchIsLeft(left=Money(123_450, "EUR"), number="INV-1")

    with translation.override("en"):
        assert str(error) == "Only €1,234.50 is left of INV-1."
    with translation.override("fi"):
        assert "1\u00a0234,50\u00a0€" in str(error)
    assert error.params["left"] == Money(123_450, "EUR")


def test_an_error_keeps_its_parameters_and_defaults() -> None:
    error = OnlySoMuchIsLeft(left=1, number="INV-1")

    assert (error.code, error.status, error.field) == ("only_so_much_is_left", 409, "")
    assert repr(error).startswith("OnlySoMuchIsLeft")


def test_an_invalid_field_says_which_and_why() -> None:
    error = InvalidInput("amount", _("Give at least %(least)s."), least=1)

    assert (error.field, error.status, str(error)) == ("amount", 422, "Give at least 1.")


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (NotAllowed(), "not_allowed", 403),
        (NotFound(), "not_found", 404),
        (CardNumberRefused(field="reference"), "card_number_refused", 422),
    ],
)
def test_each_refusal_has_its_code_and_status(error: DomainError, code: str, status: int) -> None:
    assert (error.code, error.status) == (code, status)
    assert str(error)
