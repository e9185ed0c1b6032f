"""The made-up world of a lesson: where it may be, its account, its customers, its colleague."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.jobs import business_date
from core.models import Role, User
from crm.models import Customer
from crm.seeding import invent
from crm.services import practising, softphones
from crm.services.customers import create_customer
from orders.lines import Draft, NewLine
from orders.services.invoice import issue_invoice_without_order
from payments.models import ProviderAccount
from payments.registry import provider_class, usable_kinds
from payments.services import accounts
from training.errors import TrainingNotHere
from training.models import CURRENCY

if TYPE_CHECKING:
    from orders.models import Invoice

ACTOR: Final = "training"
COLLEAGUE: Final = "practice-colleague"
VAT_BP = 2550


def is_named() -> bool:
    """Whether this installation is for training, and has a sandbox. Asks no database."""
    return bool(softphones.is_here() and settings.SANDBOX_URL)


def refuse_elsewhere() -> None:
    """Raise TrainingNotHere unless this is a training installation where no real money moves."""
    if not is_named() or _has_real_account():
        raise TrainingNotHere


def _has_real_account() -> bool:
    kinds = ProviderAccount.objects.filter(is_enabled=True).values_list("kind", flat=True)
    playing = {kind for kind in usable_kinds() if provider_class(kind).manifest.is_for_training}
    return any(kind not in playing for kind in kinds.distinct())


@transaction.atomic
def ensure_account() -> ProviderAccount:
    """The account at the sandbox that takes practice customers alone. Safe to repeat."""
    manifest = provider_class("sandbox").manifest
    account, is_new = ProviderAccount.objects.get_or_create(
        kind="sandbox",
        is_practice=True,
        defaults={
            "name": f"{manifest.name} (practice)",
            "methods": list(manifest.methods),
            "currencies": [CURRENCY],
        },
    )
    address = settings.PUBLIC_URL + reverse("payments:webhook", args=[account.public_id])
    wanted = {
        "base_url": settings.SANDBOX_URL,
        "api_key": settings.SANDBOX_API_KEY,
        "webhook_secret": settings.SANDBOX_WEBHOOK_SECRET,
        "notify_url": address,
    }
    if is_new or account.credentials != wanted:
        account.credentials = wanted
        account.save(update_fields=["credentials"])
        accounts.forget()
    return account


def colleague() -> User:
    """Somebody who did what came before the lesson. Nobody can sign in as them."""
    found, is_new = User.objects.get_or_create(
        username=COLLEAGUE,
        defaults={
            "role": Role.AGENT,
            "first_name": "Kalle",
            "last_name": "Kollega",
            "is_active": False,
        },
    )
    if is_new:
        found.set_unusable_password()
        found.save(update_fields=["password"])
    return found


def new_customer() -> Customer:
    """Make up somebody to practise with, whom nobody else's lesson knows."""
    made_up = invent(20, seed=secrets.randbits(48))
    invented = next(one for one in made_up if one.kind == Customer.Kind.PERSON)
    customer = create_customer(
        name=invented.name,
        actor=ACTOR,
        phones=invented.phones[:1],
        language=invented.language,
    )
    practising.mark(customer)
    return customer


def bill(customer: Customer, minor: int, what: str) -> Invoice:
    """Ask a practice customer for an amount (minor units), due today."""
    return issue_invoice_without_order(
        customer=customer,
        draft=Draft([NewLine(what, 1, minor, VAT_BP)], CURRENCY, what),
        due_on=business_date(),
        actor=ACTOR,
    )
