"""Payments that customers have just made at the provider, and of which we know nothing yet."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from bench.inside import answer
from core.models import User
from core.money import Money
from orders.models import Invoice
from payments.errors import ProviderDidNotAnswer
from payments.models import PaymentAttempt, ProviderReference
from payments.services.checkout import choose_method
from payments.services.destinations import Destination
from payments.services.intents import NewIntent, create_intent
from payments.services.links import open_link

CARD = {"card": "4242424242424242"}
AT_ONCE = 2
LINK = Destination("sms", "+358401234567", "fi")


def open_page(invoice: Invoice, actor: User) -> PaymentAttempt:
    """Ask for one invoice, and take the customer to the provider's page."""
    wanted = NewIntent(
        customer=invoice.customer,
        amount=Money(invoice.open_amount, invoice.currency),
        invoices=[invoice],
    )
    intent = create_intent(wanted, actor=actor)
    session = open_link(intent_id=intent.pk, actor=actor, destination=LINK)
    while True:
        try:
            return choose_method(session_id=session.pk, method="card")
        except ProviderDidNotAnswer:  # This machine is slow today; its answer is on the way.
            time.sleep(1)


def main(count: int) -> None:
    """Make the payments. Only what the provider then tells of them will be measured."""
    actor = User.objects.get(username="agent")
    waiting = Invoice.objects.filter(open_amount__gt=0, intent_items=None)
    invoices = list(waiting.select_related("customer").order_by("-pk")[:count])
    with ThreadPoolExecutor(AT_ONCE) as lanes, httpx.Client(timeout=30) as customer:
        attempts = list(lanes.map(lambda invoice: open_page(invoice, actor), invoices))
        for attempt in attempts:
            answer_of_page = customer.post(attempt.page_url, data=CARD)
            if answer_of_page.is_error:
                raise RuntimeError(answer_of_page.text)
    references = ProviderReference.objects.filter(attempt__in=attempts, kind="payment").values_list(
        "attempt__public_id", "reference"
    )
    answer({"payments": list(references)})


if __name__ == "__main__":
    main(int(sys.argv[1]))
