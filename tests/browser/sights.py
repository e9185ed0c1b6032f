"""Payments in every state that a page can show, each with a customer of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.jobs import business_date
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from tests.browser.shop import Shop

ADDRESSES = """
from django.utils import timezone
from crm.models import Feedback
from crm.services.feedback_links import address_of
asked = Feedback.objects.asked()
is_open = asked.filter(expires_at__gt=timezone.now())
print(address_of(is_open.filter(score=None).first()))
print(address_of(is_open.filter(score__isnull=False).first()))
print(address_of(asked.filter(expires_at__lt=timezone.now()).first()))
"""
SAUNA = "Sauna stove, and its installation on the second floor of the house by the lake"


@dataclass(frozen=True, slots=True)
class Sights:
    """What the pages show: each a customer or a payment in a state of its own."""

    shop: Shop
    owing: world.Caller
    waiting: world.Caller
    declined_at: world.Caller
    undelivered: world.Caller
    paid_by: world.Caller
    open: world.Asked
    started: world.Asked
    declined: world.Asked
    paid: world.Asked
    reviewed: world.Asked
    expired: world.Asked
    cancelled: world.Asked
    closed: world.Asked
    card_page: str
    approval_page: str
    receipt: str
    order: str
    task: str
    question: str
    answered: str
    ended: str
    unanswered: str
    planning: world.Caller
    plan: str
    too_much: world.Asked
    moved: world.Asked
    holding: world.Caller


def prepare(shop: Shop) -> Sights:
    """Bring every state about as it comes about in life."""
    waiting, declined_at = world.new_caller(shop), world.new_caller(shop, "Eero Virtanen")
    paid_by = world.new_caller(shop, "Maria Lindström-Kuusisto")
    undelivered = world.new_caller(shop, "Olli Mäkelä", is_reachable=False)
    world.ask(shop, undelivered)
    asked, started, declined = (
        world.ask(shop, waiting),
        world.ask(shop, world.new_caller(shop, "Kaisa Niemi"), sends=False),
        world.ask(shop, declined_at),
    )
    world.enter_card(shop, world.choose(shop, declined, "card"), world.DECLINED)
    paid = world.ask(shop, paid_by)
    world.pay(shop, paid)
    _refund(shop, paid)
    owing = world.new_caller(shop, "Veikko Lehtinen")
    question, answered, ended = _questions(shop)
    planning = world.new_caller(shop, "Sanna Laine")
    return Sights(
        shop=shop,
        owing=owing,
        task=_task(shop, owing),
        planning=planning,
        plan=_plan(shop, planning),
        waiting=waiting,
        declined_at=declined_at,
        undelivered=undelivered,
        paid_by=paid_by,
        open=asked,
        started=started,
        declined=declined,
        paid=paid,
        reviewed=_refunded_at_provider(shop),
        expired=_expired(shop),
        cancelled=_cancelled(shop),
        closed=_closed(shop),
        card_page=world.choose(shop, world.ask(shop, _somebody(shop), sends=False), "card"),
        approval_page=world.choose(shop, started, "mobilepay"),
        receipt=world.receipt_address(shop, paid_by),
        order=_order(shop, paid_by),
        question=question,
        answered=answered,
        ended=ended,
        unanswered=_unanswered(shop, paid),
        too_much=_above_the_limit(shop),
        moved=_moved(shop),
        holding=_holding(shop),
    )


def _somebody(shop: Shop) -> world.Caller:
    return world.new_caller(shop, "Pekka Salo")


def _refund(shop: Shop, paid: world.Asked) -> None:
    shop.post("refunds", payment_intent=paid.intent, amount=2_050, reason="Router came late")
    wait_for(lambda: [r for r in world.refunds_of(shop, paid.intent) if r["status"] == "succeeded"])


def _refunded_at_provider(shop: Shop) -> world.Asked:
    """Paid, then given back by the provider's own staff: somebody must look at it."""
    asked = world.ask(shop, _somebody(shop))
    world.pay(shop, asked)
    effects = shop.web.get(f"{shop.house.sandbox_address}/_effects").json()["effects"]
    address = f"{shop.house.sandbox_address}/dashboard/payments/{effects[-1]['payment']}/refund"
    shop.web.post(address, data={"amount": "1200"})
    wait_for(lambda: world.intent_of(shop, asked)["needs_review"])
    return asked


def _moved(shop: Shop) -> world.Asked:
    """Paid too much, and what was over pays a part of the other invoice."""
    caller = _somebody(shop)
    asked = world.pay_too_much(shop, caller, 9_000)
    where = {"payment_intent": asked.intent, "invoice": caller.invoices[1]}
    moved = shop.post("surplus-moves", **where, amount=1_010)
    assert moved["status"] == "moved"
    return asked


def _unanswered(shop: Shop, paid: world.Asked) -> str:
    """A request whose provider, as far as anybody knows, never said what became of it."""
    refund, *_ = shop.rows("operations", payment_intent=paid.intent, kind="refund")
    shop.sql(
        "UPDATE payments_provideroperation SET status = 'unknown', error_code = 'timeout',"
        " last_sent_at = now() - interval '1 hour' WHERE public_id = %s",
        refund["id"],
    )
    return str(refund["id"])


def _above_the_limit(shop: Shop) -> world.Asked:
    """Paid far too much: so much is asked back that it waits for a second person."""
    asked = world.pay_too_much(shop, _somebody(shop), 45_000)
    wanted = {"payment_intent": asked.intent, "amount": 30_000, "reason": f"Sent back: {SAUNA}"}
    shop.sql("UPDATE core_apikey SET role = 'agent'")
    refund = shop.post("refunds", **wanted)
    shop.sql("UPDATE core_apikey SET role = 'finance'")
    assert refund["status"] == "awaiting_approval"
    return asked


def _expired(shop: Shop) -> world.Asked:
    asked = world.ask(shop, _somebody(shop), sends=False)
    shop.sql(
        "UPDATE payments_checkoutsession SET expires_at = now() - interval '1 minute'"
        " WHERE public_id = %s",
        asked.session,
    )
    return asked


def _cancelled(shop: Shop) -> world.Asked:
    asked = world.ask(shop, _somebody(shop), sends=False)
    shop.post(f"payment-intents/{asked.intent}/cancel")
    return asked


def _closed(shop: Shop) -> world.Asked:
    asked = world.ask(shop, _somebody(shop), sends=False)
    shop.post(f"checkout-sessions/{asked.session}/close")
    return asked


def _questions(shop: Shop) -> list[str]:
    """The pages of three questions of the demo: open, answered, ended."""
    told = shop.manage("shell", "--verbosity", "0", "--command", ADDRESSES).split()
    return [word for word in told if "/feedback/" in word]


def _order(shop: Shop, caller: world.Caller) -> str:
    """An order with names too long for a line, and something that it holds in the stock."""
    product, *_ = shop.rows("products", sku="SET-TOP-BOX")
    lines = [
        {"description": SAUNA, "quantity": 2, "unit_price": 129_900, "vat_bp": world.VAT},
        {"description": "Löylykauha", "unit_price": 1_490, "vat_bp": 1_400},
        {"product": product["id"], "quantity": 2},
    ]
    return str(shop.post("orders", customer=caller.id, currency="EUR", lines=lines)["id"])


def _holding(shop: Shop) -> world.Caller:
    """Somebody with a link for a router that is held in the stock meanwhile."""
    caller = world.new_caller(shop, "Ville Koskinen")
    product, *_ = shop.rows("products", sku="ROUTER-BE")
    lines = [{"product": product["id"]}]
    order = shop.post("orders", customer=caller.id, currency="EUR", lines=lines)
    invoice = shop.post("invoices", order=order["id"], due_on=str(business_date()))
    intent = shop.post(
        "payment-intents",
        customer=caller.id,
        amount=product["price"]["amount"],
        currency="EUR",
        invoices=[invoice["id"]],
    )
    shop.post(
        "checkout-sessions",
        payment_intent=intent["id"],
        channel="sms",
        destination=caller.phone,
    )
    return caller


def _plan(shop: Shop, caller: world.Caller) -> str:
    """A plan of twelve parts, the first of which is asked for."""
    made = shop.post(
        "instalment-plans",
        customer=caller.id,
        invoices=list(caller.invoices),
        amount=acting.OWED,
        currency="EUR",
        parts=12,
        first_on=str(business_date()),
    )
    return str(made["id"])


def _task(shop: Shop, caller: world.Caller) -> str:
    """Two tasks, one of them overdue, with a word too long for a line."""
    for due_at in ("2026-01-02T07:00:00Z", "2099-01-02T07:00:00Z"):
        text = f"Ask about the {SAUNA}"
        made = shop.post("tasks", customer=caller.id, kind="call_back", text=text, due_at=due_at)
    return str(made["id"])
