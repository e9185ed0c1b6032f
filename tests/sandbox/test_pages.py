"""The hosted pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from payments.sandbox.cards import CARDS
from payments.sandbox.texts import LANGUAGES, TEXTS

if TYPE_CHECKING:
    from tests.sandbox.conftest import Merchant
    from tests.sandbox.server import SandboxServer


class Tags(HTMLParser):
    """Collects every tag and its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_a_paid_page_leads_to_the_shop(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout()

    target = sandbox.pay(opened["page_url"])

    assert target == "https://shop.example/return"
    assert merchant.payment(opened)["status"] == "authorised"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("4000000000000002", "card_declined"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
    ],
)
def test_a_declined_page_says_why_and_can_still_be_paid(
    sandbox: SandboxServer, merchant: Merchant, card: str, code: str
) -> None:
    opened = merchant.checkout()

    target = sandbox.pay(opened["page_url"], card=card)
    shown = sandbox.http.get(target).text
    declined = merchant.payment(opened)
    sandbox.pay(opened["page_url"])

    assert 'role="alert"' in shown
    assert "Nothing was charged" in shown
    assert (declined["status"], [one["code"] for one in declined["refusals"]]) == ("open", [code])
    assert len(merchant.payment(opened)["captures"]) == 1


@pytest.mark.parametrize(("approve", "status"), [(True, "authorised"), (False, "open")])
def test_three_d_secure_asks_before_it_pays(
    sandbox: SandboxServer, merchant: Merchant, *, approve: bool, status: str
) -> None:
    opened = merchant.checkout()

    sandbox.pay(opened["page_url"], card="4000002500003155", approve=approve)

    assert merchant.payment(opened)["status"] == status
    assert len(sandbox.effects(opened["our_id"], "capture")) == int(approve)


@pytest.mark.parametrize("method", ["mobilepay", "bank", "klarna"])
@pytest.mark.parametrize(("approve", "status"), [(True, "authorised"), (False, "open")])
def test_other_methods_want_a_yes(
    sandbox: SandboxServer, merchant: Merchant, method: str, *, approve: bool, status: str
) -> None:
    opened = merchant.checkout(method=method)

    sandbox.pay(opened["page_url"], approve=approve)

    assert merchant.payment(opened)["status"] == status


def test_a_card_is_never_paid_by_a_bare_yes(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout()

    sandbox.http.post(f"{opened['page_url']}/approval", data={"answer": "yes"})

    assert merchant.payment(opened)["status"] == "open"


def test_the_challenge_cannot_be_skipped(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout()

    sandbox.http.post(f"{opened['page_url']}/challenge", data={"answer": "yes"})

    assert merchant.payment(opened)["status"] == "open"
    assert sandbox.effects(opened["our_id"]) == []


def test_a_phone_order_that_is_keyed_is_not_asked_for_three_d_secure(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    opened = merchant.checkout(entry="keyed")

    shown = sandbox.http.get(opened["page_url"]).text
    sandbox.http.post(opened["page_url"], data={"card": "4000002500003155"})

    assert "Type the card as the customer reads it to you." in shown
    assert merchant.payment(opened)["status"] == "authorised"


def test_a_real_card_is_neither_charged_nor_kept(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    opened = merchant.checkout()

    target = sandbox.pay(opened["page_url"], card="4539 5787 6362 1486")

    assert "unknown_card" in target
    assert "4539" not in str(merchant.payment(opened))
    assert merchant.payment(opened)["refusals"] == []


def test_a_page_is_paid_once_however_often_it_is_sent(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    opened = merchant.checkout()

    for _ in range(5):
        sandbox.pay(opened["page_url"])

    assert len(sandbox.effects(opened["our_id"], "capture")) == 1


def test_a_closed_page_cannot_be_paid(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout()
    merchant.post(f"/payments/{opened['id']}/close", {})

    sandbox.http.post(opened["page_url"], data={"card": "4242424242424242"})

    assert merchant.payment(opened)["status"] == "canceled"
    assert "Nothing was charged" in sandbox.http.get(opened["page_url"]).text
    assert sandbox.effects(opened["our_id"]) == []


def test_an_expired_page_cannot_be_paid(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout(expires_at=1)

    sandbox.http.post(opened["page_url"], data={"card": "4242424242424242"})

    assert sandbox.effects(opened["our_id"]) == []


def test_a_form_of_another_site_is_refused(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout()

    answer = sandbox.http.post(
        opened["page_url"],
        data={"card": "4242424242424242"},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 403
    assert merchant.payment(opened)["status"] == "open"


def test_an_unknown_page_is_not_found(sandbox: SandboxServer) -> None:
    assert sandbox.http.get("/pay/page_no").status_code == 404


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("method", ["card", "mobilepay", "bank", "klarna"])
def test_every_page_is_whole_in_every_language(
    sandbox: SandboxServer, merchant: Merchant, language: str, method: str
) -> None:
    opened = merchant.checkout(method=method, language=language)

    answer = sandbox.http.get(opened["page_url"])
    tags = Tags(answer.text)

    assert tags.named("html") == [{"lang": language}]
    assert TEXTS[language]["sandbox"] in answer.text
    assert len(tags.named("h1")) == 1
    assert not tags.named("script")
    assert not any("style" in names for _, names in tags.found)
    assert not any(name.startswith("on") for _, names in tags.found for name in names)
    assert {names.get("for") for names in tags.named("label")} >= {
        names["id"] for names in tags.named("input")
    }
    assert not re.search(r"\$\w", answer.text)


def test_the_page_may_lead_to_the_shop_and_nowhere_else(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    policy = sandbox.http.get(merchant.checkout()["page_url"]).headers["content-security-policy"]

    assert "form-action 'self' https://shop.example" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_what_a_merchant_writes_is_escaped(sandbox: SandboxServer, merchant: Merchant) -> None:
    opened = merchant.checkout(description="<script>alert(1)</script>")

    assert "<script>" not in sandbox.http.get(opened["page_url"]).text


def test_every_language_says_everything() -> None:
    assert {frozenset(texts) for texts in TEXTS.values()} == {frozenset(TEXTS["en"])}
    assert set(TEXTS) == set(LANGUAGES)
    assert {card.label for card in CARDS.values()} <= set(TEXTS["en"])


def test_an_address_that_is_none_is_refused(merchant: Merchant) -> None:
    answer = merchant.post(
        "/checkouts",
        {"our_id": "pat", "amount": 1, "currency": "EUR", "return_url": "javascript:alert(1)"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "address_invalid"
