"""The rail of every state: its steps, what to say, and what can be done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.money import Money
from payments.rail import Act, Figures, Link, Meaning, Rail, Said, tell

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
EUROS = Money(18_490, "EUR")
OPEN = Link("open", "sms", "+358 40 ··· 4567")
FUNDS = Meaning(
    "The bank refused: not enough money. Offer another card or MobilePay.",
    "There was not enough money for this payment. Nothing was charged.",
    may_repeat=False,
    offers_other_method=True,
)


def story(*events: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[Said]:
    """Events of one link or payment, a second apart."""
    return [
        Said(
            kind=kind,
            subject="cs_1" if kind == "session" else f"{kind}_1",
            status=status,
            at=START + dt.timedelta(seconds=number),
            money=EUROS if kind in {"capture", "refund", "dispute"} else None,
            detail=rest[0] if rest else {"channel": "sms"},
        )
        for number, (kind, status, *rest) in enumerate(events)
    ]


CREATED = ("session", "created")
QUEUED = ("session", "queued")
SENT = ("session", "sent", {"channel": "sms", "message": "msg_1"})
DELIVERED = ("session", "delivered", {"channel": "sms", "message": "msg_1"})
FAILED = ("session", "failed", {"channel": "sms", "message": "msg_1"})
OPENED = ("session", "opened")
CHOSE = ("session", "method_chosen", {"method": "mobilepay"})


def told(*events: Any, status: str = "requires_payment_method", **figures: Any) -> Rail:
    figures = {
        "amount": EUROS,
        "captured": Money(0, "EUR"),
        "surplus": Money(0, "EUR"),
        "link": OPEN,
        **figures,
    }
    return tell(Figures(status=status, **figures), story(*events), str)


def lines(rail: Rail) -> list[tuple[str, str, str]]:
    return [(step.text, step.state, step.tone) for step in rail.steps]


def test_a_link_that_was_just_asked_for_is_on_its_way() -> None:
    rail = told(CREATED, QUEUED)

    assert lines(rail) == [
        ("Link created", "done", ""),
        ("SMS on its way", "now", ""),
        ("Opened", "next", ""),
        ("Paid", "next", ""),
    ]
    assert rail.acts == (Act.RESEND, Act.OTHER, Act.CANCEL)
    assert "text message" in rail.say


def test_a_delivered_message_has_one_line() -> None:
    rail = told(CREATED, QUEUED, SENT, DELIVERED)

    assert lines(rail) == [
        ("Link created", "done", ""),
        ("SMS delivered", "done", ""),
        ("Waiting for the customer to open it…", "now", ""),
        ("Paid", "next", ""),
    ]
    assert rail.steps[1].at == START + dt.timedelta(seconds=3)


def test_a_message_that_was_not_delivered_is_red() -> None:
    rail = told(CREATED, QUEUED, FAILED)

    assert lines(rail)[-1] == ("SMS not delivered", "now", "fail")
    assert Act.OTHER in rail.acts


def test_a_message_of_unknown_fate_says_so() -> None:
    rail = told(CREATED, QUEUED, ("session", "unknown", {"message": "msg_1"}))

    assert lines(rail)[-1] == ("Unknown whether the SMS was sent", "now", "unknown")


def test_news_of_an_earlier_message_does_not_change_the_line_of_a_later_one() -> None:
    rail = told(CREATED, QUEUED, SENT, QUEUED, FAILED)

    assert [text for text, _, _ in lines(rail)][1:3] == ["SMS not delivered", "SMS on its way"]


def test_an_opened_page_waits_for_the_choice() -> None:
    rail = told(CREATED, QUEUED, DELIVERED, OPENED)

    assert [line[0] for line in lines(rail)][-3:] == ["Opened", "Choosing how to pay…", "Paid"]


def test_the_agent_can_say_what_the_customer_sees() -> None:
    rail = told(CREATED, QUEUED, DELIVERED, OPENED, CHOSE, status="requires_action")

    assert lines(rail)[-2] == ("Paying with MobilePay…", "now", "")
    assert "MobilePay asking for 184.90 EUR" in rail.say


def test_who_pays_by_card_sees_a_page_and_no_app() -> None:
    chose_card = ("session", "method_chosen", {"method": "card"})
    rail = told(CREATED, QUEUED, DELIVERED, OPENED, chose_card, status="requires_action")

    assert "Chose card" in [text for text, _, _ in lines(rail)]
    assert "a page that asks for 184.90 EUR" in rail.say


def test_what_is_being_confirmed_offers_nothing_to_do() -> None:
    rail = told(CREATED, CHOSE, status="processing")

    assert lines(rail)[-2] == ("Confirming with the bank…", "now", "")
    assert rail.acts == ()


def test_reserved_money_is_not_told_as_paid() -> None:
    rail = told(CREATED, CHOSE, ("attempt", "authorised"), status="requires_capture")

    assert [line[0] for line in lines(rail)][-3:] == ["Confirmed", "Reserved, to be taken", "Paid"]
    assert lines(rail)[-1][1] == "next"


def test_paid_is_told_with_its_amount_and_its_receipt() -> None:
    rail = told(
        CREATED,
        CHOSE,
        ("attempt", "authorised"),
        ("capture", "succeeded"),
        status="succeeded",
        captured=EUROS,
        is_refundable=True,
        receipt="delivered",
        receipt_channel="sms",
    )

    assert lines(rail)[-1] == ("Paid 184.90 EUR", "now", "paid")
    assert [(tag.text, tag.tone) for tag in rail.tags] == [("Receipt sent by SMS", "paid")]
    assert rail.acts == (Act.REFUND,)


def test_a_decline_says_what_happened_to_the_money_first() -> None:
    rail = told(CREATED, CHOSE, ("decline", "declined"), meaning=FUNDS, status="requires_action")

    assert lines(rail)[-1] == ("The bank refused: not enough money", "now", "fail")
    assert [(tag.text, tag.tone) for tag in rail.tags] == [("Nothing was charged", "fail")]
    assert rail.notes == ("Offer another card or MobilePay.",)
    assert rail.say.endswith("Would another card or MobilePay suit you?")


def test_choosing_again_after_a_decline_goes_on() -> None:
    rail = told(
        CREATED, CHOSE, ("decline", "declined"), CHOSE, meaning=FUNDS, status="requires_action"
    )

    assert lines(rail)[-2] == ("Paying with MobilePay…", "now", "")
    assert rail.tags == ()


def test_an_unknown_outcome_forbids_every_act() -> None:
    until = START + dt.timedelta(seconds=18)

    rail = told(CREATED, CHOSE, status="processing", is_blocked=True, resolve_at=until)

    assert [(tag.text, tag.tone) for tag in rail.tags] == [("Do not retry yet", "unknown")]
    assert rail.hold is not None
    assert rail.hold.until == until
    assert lines(rail)[-1] == ("Waiting for the provider", "now", "unknown")
    assert rail.acts == ()


def test_an_expired_link_offers_a_new_one() -> None:
    rail = told(
        CREATED, QUEUED, DELIVERED, ("session", "expired"), link=Link("expired", "sms", "…")
    )

    assert lines(rail)[-1][0] == "Link expired"
    assert rail.acts == (Act.RESEND, Act.OTHER, Act.CANCEL)
    assert rail.say == "The link no longer works. Shall I send you a new one?"


def test_a_closed_link_is_told() -> None:
    rail = told(CREATED, QUEUED, ("session", "closed"), link=Link("closed", "sms", "…"))

    assert lines(rail)[-1][0] == "Link closed"


def test_a_cancelled_payment_offers_nothing() -> None:
    rail = told(CREATED, QUEUED, ("intent", "canceled"), status="canceled")

    assert lines(rail)[-1][0] == "Payment cancelled"
    assert (rail.acts, rail.say) == ((), "")


def test_a_payment_without_a_link_says_so() -> None:
    rail = told(link=None)

    assert lines(rail) == [("No link has been sent yet", "now", "")]
    assert rail.acts == (Act.OTHER, Act.CANCEL)


@pytest.mark.parametrize(
    ("kind", "line"), [("keyed", "Card page expired"), ("keypad", "The keypad is off")]
)
def test_what_is_over_before_the_sweep_closes_it_was_no_link(kind: str, line: str) -> None:
    rail = told(("session", "created", {"kind": kind, "fields": ["card_number"]}), link=None)

    assert lines(rail) == [(line, "now", "")]
    assert (rail.say, rail.acts) == ("", (Act.OTHER, Act.CANCEL))


@pytest.mark.parametrize(
    ("kind", "status", "line"),
    [
        ("refund", "pending", ("Refund of 184.90 EUR on its way", "now", "wait")),
        ("refund", "succeeded", ("Refunded 184.90 EUR", "now", "paid")),
        ("refund", "failed", ("Refund of 184.90 EUR failed", "now", "fail")),
        ("dispute", "needs_response", ("The customer’s bank disputes 184.90 EUR", "now", "fail")),
        ("dispute", "lost", ("Dispute lost: 184.90 EUR", "now", "fail")),
        ("dispute", "won", ("Dispute won: 184.90 EUR", "now", "paid")),
    ],
)
def test_what_became_of_paid_money_is_told(
    kind: str, status: str, line: tuple[str, str, str]
) -> None:
    rail = told(
        CREATED, ("capture", "succeeded"), (kind, status), status="succeeded", captured=EUROS
    )

    assert lines(rail)[-1] == line
    assert rail.say == ""


def test_a_part_that_is_left_is_named_and_can_still_be_paid() -> None:
    rail = told(
        CREATED,
        ("capture", "succeeded"),
        status="partially_paid",
        captured=Money(10_000, "EUR"),
        is_refundable=True,
    )

    assert ("84.90 EUR left to pay", "wait") in [(tag.text, tag.tone) for tag in rail.tags]
    assert rail.acts == (Act.RESEND, Act.OTHER, Act.REFUND)


def test_a_review_says_why_in_words() -> None:
    rail = told(
        CREATED,
        ("capture", "succeeded"),
        status="succeeded",
        captured=EUROS,
        review_reasons=["paid_after_cancel"],
        surplus=Money(500, "EUR"),
    )

    assert [tag.text for tag in rail.tags] == [
        "5.00 EUR on no invoice yet",
        "Needs a person’s look",
    ]
    assert rail.notes == ("It was paid after it had been cancelled. Agree with the customer.",)


def test_only_the_newest_link_is_told_step_by_step() -> None:
    events = story(CREATED, QUEUED, OPENED)
    newer = [
        Said(kind="session", subject="cs_2", status=status, at=START, detail={"channel": "email"})
        for status in ("created", "queued")
    ]
    figures = Figures(
        amount=EUROS,
        status="requires_payment_method",
        captured=Money(0, "EUR"),
        surplus=Money(0, "EUR"),
        link=Link("open", "email", "…"),
    )

    rail = tell(figures, [*events, *newer], str)

    assert [line[0] for line in lines(rail)] == [
        "Link created", "E-mail on its way", "Opened", "Paid"
    ]  # fmt: skip


def test_one_sentence_tells_the_change() -> None:
    rail = told(CREATED, QUEUED, FAILED)

    assert rail.announcement == "SMS not delivered"


def test_a_card_page_is_asked_for_then_keyed_on_and_then_gone() -> None:
    created = ("session", "created", {"kind": "keyed"})
    page = ("attempt", "pending")

    asked = told(created)
    ready = told(created, page)
    gone = told(created, page, ("attempt", "expired"))
    declined = told(created, page, ("attempt", "declined"))

    assert lines(asked)[-2][0] == "Asking for the card page…"
    assert Act.CARD_PAGE not in asked.acts
    assert lines(ready)[-2][0] == "Key the card on the provider’s page"
    assert ready.acts == (Act.CARD_PAGE, Act.CANCEL)
    assert lines(gone)[-1][0] == "The card page is gone. Nothing was charged"
    assert gone.acts == (Act.CANCEL,)
    assert Act.CARD_PAGE not in declined.acts
