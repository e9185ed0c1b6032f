from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from orders.reference_numbers import (
    ReferenceUnreadable,
    finnish_reference,
    is_finnish_reference,
    is_rf_reference,
    normalise_reference,
    print_reference,
    rf_reference,
)

bases = st.integers(min_value=100, max_value=10**19 - 1).map(str)


@pytest.mark.parametrize(
    ("base", "reference"),
    # The examples of Finance Finland's description of the reference number, and two more.
    [("123456", "1234561"), ("100", "1009"), ("1234567", "12345672"), ("9" * 19, "9" * 19 + "3")],
)
def test_the_check_digit_is_that_of_the_standard(base: str, reference: str) -> None:
    assert finnish_reference(base) == reference
    assert is_finnish_reference(reference)


@pytest.mark.parametrize("base", ["", "99", "0", "0099", "1" * 20, "12a4", "-123", "1 23"])
def test_a_base_of_the_wrong_form_is_refused(base: str) -> None:
    with pytest.raises(ReferenceUnreadable):
        finnish_reference(base)


@given(bases)
def test_every_base_gives_a_valid_reference_in_both_forms(base: str) -> None:
    reference = finnish_reference(base)

    assert 4 <= len(reference) <= 20
    assert is_finnish_reference(reference)
    assert is_rf_reference(rf_reference(reference))


@given(st.text(alphabet="123456789ABCXYZ", min_size=1, max_size=21))
def test_the_international_form_agrees_with_another_implementation(inside: str) -> None:
    reference = rf_reference(inside)

    assert iso11649.is_valid(reference)
    assert reference[4:] == inside


@given(st.text(alphabet="0123456789ABCRFXYZ", min_size=1, max_size=25))
def test_both_implementations_accept_the_same_texts(text: str) -> None:
    candidate = "RF" + text

    assert is_rf_reference(candidate) == (
        iso11649.is_valid(candidate) and candidate[2:4].isdigit() and len(candidate) > 4
    )


@given(bases, st.data())
def test_one_wrong_digit_is_always_noticed(base: str, data: st.DataObject) -> None:
    reference = finnish_reference(base)
    place = data.draw(st.integers(0, len(reference) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != reference[place]]))

    assert not is_finnish_reference(reference[:place] + wrong + reference[place + 1 :])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12 34561", "1234561"),
        ("0000 1234561", "1234561"),
        ("rf33 1234 561", rf_reference("1234561")[:4] + "1234561"),
        ("RF33 0000 0123 4561", "RF331234561"),
    ],
)
def test_spaces_zeros_and_small_letters_do_not_matter(typed: str, stored: str) -> None:
    typed = typed.replace("RF33", rf_reference("1234561")[:4])
    typed = typed.replace("rf33", rf_reference("1234561")[:4].lower())
    stored = stored.replace("RF33", rf_reference("1234561")[:4])

    assert normalise_reference(typed) == stored


@pytest.mark.parametrize("text", ["", "1234562", "0000", "RF001234561", "hello", "123", "RF"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ReferenceUnreadable):
        normalise_reference(text)


@pytest.mark.parametrize(
    ("reference", "printed"),
    [
        ("1234561", "12 34561"),
        ("1009", "1009"),
        ("12345", "12345"),
        ("1234567891", "12345 67891"),
        ("RF331234561", "RF33 1234 561"),
    ],
)
def test_references_are_printed_in_groups(reference: str, printed: str) -> None:
    assert print_reference(reference) == printed
