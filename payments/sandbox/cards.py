"""The test cards, as they stand on the hosted page. Any other number is refused unread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoCard:
    """One test card. `label` is a key of `texts`; `later` names what happens afterwards."""

    number: str
    brand: str
    label: str
    decline: str = ""
    off_session_decline: str = ""
    is_challenged: bool = False
    later: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]


EXPIRES = "12/34"

CARDS: dict[str, DemoCard] = {
    card.number: card
    for card in (
        DemoCard("4242424242424242", "visa", "card_pays"),
        DemoCard("5555555555554444", "mastercard", "card_pays"),
        DemoCard("4000002500003155", "visa", "card_challenge", is_challenged=True),
        DemoCard(
            "4000002760003184",
            "visa",
            "card_always_challenge",
            is_challenged=True,
            off_session_decline="authentication_required",
        ),
        DemoCard("4000000000009995", "visa", "card_no_funds", decline="insufficient_funds"),
        DemoCard("4000000000000002", "visa", "card_declined", decline="card_declined"),
        DemoCard("4000000000000069", "visa", "card_expired", decline="expired_card"),
        DemoCard("4000000000000341", "visa", "card_pays_once", off_session_decline="card_declined"),
        DemoCard("4000000000000259", "visa", "card_disputed", later="dispute"),
        DemoCard("4000000000007726", "visa", "card_slow_refund", later="slow_refund"),
        DemoCard("4000000000005126", "visa", "card_failing_refund", later="failing_refund"),
    )
}


def card_of(typed: str) -> DemoCard | None:
    """Return the test card for what was typed, or None for every other number."""
    return CARDS.get("".join(character for character in typed if character.isdigit()))


def card_by_last4(last4: str) -> DemoCard | None:
    return next((card for card in CARDS.values() if card.last4 == last4), None)
