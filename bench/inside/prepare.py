"""Somebody to sign in as, a key for the API, a provider account, and whom to ask for money."""

from __future__ import annotations

from django.conf import settings

from bench.inside import answer
from orders.models import Invoice
from payments import demo
from payments.models import ProviderAccount


def main() -> None:
    people = demo.ensure_people()
    account = ProviderAccount.objects.get(kind="sandbox", is_practice=False)
    open_invoices = Invoice.objects.filter(open_amount__gt=0).select_related("customer")
    payable = open_invoices.values_list("customer__public_id", "public_id", "open_amount", "pk")
    answer(
        {
            "key": demo.ensure_api_key(people[0]),
            "agent": people[0].username,
            "account": account.public_id,
            "account_pk": account.pk,
            "secret": settings.SANDBOX_WEBHOOK_SECRET,
            "payable": list(payable.order_by("pk")[:20_000]),
        }
    )


if __name__ == "__main__":
    main()
