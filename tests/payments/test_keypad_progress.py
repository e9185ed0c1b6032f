"""How far a customer has come at the keypad: read from steps, in any telling."""

from __future__ import annotations

from payments.keypads import progress

NAMES = ["card_number", "expiry"]


def read(*steps: tuple[str, str, int, str]) -> progress.KeypadProgress:
    return progress.read(NAMES, steps)


def test_fields_are_asked_for_in_their_order() -> None:
    nothing = read()
    first = read(("asked", "card_number", 0, ""))
    second = read(("asked", "card_number", 0, ""), ("entered", "card_number", 16, ""))

    assert nothing.next_to_ask() == "card_number"
    assert first.next_to_ask() == ""
    assert second.next_to_ask() == "expiry"


def test_digits_are_counted_and_never_go_back() -> None:
    found = read(
        ("asked", "card_number", 0, ""),
        ("digits", "card_number", 4, ""),
        ("digits", "card_number", 3, ""),
    )

    assert found.current is not None
    assert found.current.digits == 4


def test_all_entered_is_complete_and_one_asked_again_is_not() -> None:
    entered = [("entered", name, 4, "") for name in NAMES]

    assert read(*entered).is_complete
    assert not read(*entered, ("asked_again", "expiry", 0, "")).is_complete


def test_a_field_that_goes_wrong_is_asked_for_thrice_and_then_left_to_the_agent() -> None:
    wrong = [("asked", "card_number", 0, ""), ("again", "card_number", 0, "unknown_card")]

    assert read(*wrong * 2).next_to_ask() == "card_number"
    stuck = read(*wrong * 3)
    assert stuck.next_to_ask() == ""
    assert stuck.stuck is not None
    assert read(*wrong * 3, ("asked_again", "card_number", 0, "")).stuck is None


def test_a_field_that_the_gateway_does_not_have_is_none() -> None:
    assert read(("entered", "postal_code", 5, "")).next_to_ask() == "card_number"
