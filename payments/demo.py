"""The demo's world: people to sign in as, a sandbox account, customers with a history."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import httpx
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import demo
from core.jobs import business_date
from core.models import ApiKey, Role, User
from core.models.keys import hash_secret
from core.policy import Permission
from crm.models import ContactPoint, Customer, Feedback
from crm.seeding import copy_customers
from crm.seeding_calls import seed_calls
from crm.services import contact_points, softphones
from crm.services.wrap_ups import ensure_codes
from orders.instalments import FEWEST_PARTS
from orders.lines import NewLine
from orders.models import InstalmentPlan, Invoice, Product, StockHold
from orders.seeding import DAYS_TO_PAY, seed_orders
from orders.services import plans
from orders.services.invoice import issue_invoice
from orders.services.place import place_order
from orders.services.plans import Planned
from payments.models import Keypad, ProviderAccount, Terminal
from payments.registry import keypad_class, provider_class
from payments.seeding import PaidInvoice, paid_soon_after, seed_paid
from payments.services import invoicing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED = 20_261
PEOPLE = (
    (Role.AGENT, "agent", "Aino", "Agentti"),
    (Role.SENIOR_AGENT, "senior", "Sanni", "Seniori"),
    (Role.FINANCE, "finance", "Tapio", "Talous"),
    (Role.SUPERVISOR, "supervisor", "Eeva", "Esihenkilö"),
    (Role.ADMIN, "admin", "Antti", "Ylläpitäjä"),
    (Role.AUDITOR, "auditor", "Taru", "Tarkastaja"),
)
CALLING = (Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR)
PLANS = 5
HOLDS = 3
KEY_PREFIX = "demo0000"
SHARE_PAID_WHEN_DUE = 0.93
SHARE_PAID_EARLY = 0.55


def ensure_people() -> list[User]:
    """Make one login per role. Safe to repeat."""
    return [_person(role, name, first, last) for role, name, first, last in PEOPLE]


def _person(role: Role, username: str, first_name: str, last_name: str) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "role": role,
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{username}@example.com",
            "is_demo": True,
            "is_staff": role == Role.ADMIN,
            "is_superuser": role == Role.ADMIN,
        },
    )
    if is_new:
        user.set_password(demo.PASSWORD)
        user.save(update_fields=["password"])
    return user


def ensure_telephones(people: Sequence[User]) -> None:
    """Give everybody a softphone, two customers one number, and calls with answers behind them.

    Safe to repeat.
    """
    system = softphones.ensure_system()
    for person in people:
        softphones.ensure_extension(person)
    main = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, is_primary=True)
    for own, other in pairwise(main.select_related("customer").order_by("pk")[:2]):
        contact_points.add_contact_point(
            customer=other.customer, kind=own.kind, value=own.value, actor="seed_demo"
        )
    ensure_codes()
    if not Feedback.objects.exists():
        who = [person for person in people if person.role in CALLING]
        seed_calls(system, who, Random(SEED))  # noqa: S311 - calls that nobody made


def ensure_api_key(owner: User) -> str:
    """Make the demo's API key and return its token, the same at every start."""
    secret = hmac.new(settings.SECRET_KEY.encode(), b"demo key", hashlib.sha256).hexdigest()
    ApiKey.objects.get_or_create(
        prefix=KEY_PREFIX,
        defaults={
            "name": "Demo",
            "owner": owner,
            "role": Role.FINANCE,
            "secret_hash": hash_secret(secret),
            "permissions": [str(permission) for permission in Permission],
        },
    )
    return f"kui_{KEY_PREFIX}_{secret}"


def ensure_account() -> ProviderAccount:
    """Make the sandbox account and tell the sandbox where its webhooks go."""
    account = make_account()
    address = settings.PUBLIC_URL + reverse("payments:webhook", args=[account.public_id])
    httpx.post(f"{settings.SANDBOX_URL}/_webhook", json={"url": address}).raise_for_status()
    return account


def make_account() -> ProviderAccount:
    """Make the sandbox account; the sandbox itself may be away. Safe to repeat."""
    manifest = provider_class("sandbox").manifest
    account, _ = ProviderAccount.objects.update_or_create(
        kind="sandbox",
        is_practice=False,
        defaults={
            "name": manifest.name,
            "methods": list(manifest.methods),
            "currencies": ["EUR"],
            "credentials": {
                "base_url": settings.SANDBOX_URL,
                "api_key": settings.SANDBOX_API_KEY,
                "webhook_secret": settings.SANDBOX_WEBHOOK_SECRET,
            },
        },
    )
    return account


def ensure_keypad(account: ProviderAccount) -> Keypad:
    """Let the sandbox hear what is keyed on the softphones' calls. Safe to repeat."""
    manifest = keypad_class("sandbox").manifest
    keypad, _ = Keypad.objects.update_or_create(
        kind="sandbox",
        defaults={
            "name": manifest.name,
            "phone_system": softphones.ensure_system(),
            "account": account,
            "credentials": account.credentials,
        },
    )
    return keypad


def ensure_terminals(account: ProviderAccount) -> None:
    """Name the sandbox's card terminals. Safe to repeat."""
    places = {"counter-1": "Kassa 1", "counter-2": "Kassa 2"}
    for reference, label in places.items():
        Terminal.objects.update_or_create(
            account=account, reference=reference, defaults={"label": label, "location": "Helsinki"}
        )


def ensure_history(count: int, account: ProviderAccount) -> int:
    """Make customers with open items and paid history, once. Returns how many there are."""
    if not Customer.objects.exists():
        rng = Random(SEED)  # noqa: S311 - customers who do not exist need no secrecy
        with transaction.atomic():
            seed_orders(copy_customers(count, seed=SEED), rng, business_date())
            seed_paid(_paid(rng), account=account, rng=rng)
        invoicing.drain()
    return Customer.objects.count()


def ensure_plans(agent: User) -> int:
    """Let a few who owe most pay in instalments from next week on. Returns how many plans are."""
    if not InstalmentPlan.objects.exists():
        owed = Invoice.objects.open().order_by("-open_amount", "pk").select_related("customer")
        for number, invoice in enumerate(owed[:PLANS]):
            planned = Planned(
                customer=invoice.customer,
                invoice_ids=[invoice.pk],
                amount=invoice.open_money,
                parts=number + FEWEST_PARTS,
                first_on=business_date() + timedelta(days=7 + number),
            )
            plans.make_plan(planned, actor=agent)
    return InstalmentPlan.objects.count()


def ensure_holds(agent: User) -> int:
    """Let a few order a router just now: it is held for them. Returns how many orders hold one."""
    if not StockHold.objects.exists():
        router = Product.objects.get(sku="ROUTER-BE")
        owing = Invoice.objects.open().order_by("pk").values("customer")
        for customer in Customer.objects.filter(pk__in=owing).order_by("pk")[:HOLDS]:
            order = place_order(
                customer=customer,
                lines=[NewLine.of(router)],
                currency=router.currency,
                actor=agent,
            )
            issue_invoice(
                order=order,
                due_on=business_date() + timedelta(days=DAYS_TO_PAY),
                description=router.name,
                actor=agent,
            )
    return StockHold.objects.count()


def _paid(rng: Random) -> Iterator[PaidInvoice]:
    """Choose which invoices were paid: most that are due, and many before they were."""
    now, today = timezone.now(), business_date()
    rows = Invoice.objects.order_by("pk").values_list("pk", "due_on", "created_at")
    for pk, due_on, created_at in rows:
        share = SHARE_PAID_WHEN_DUE if due_on < today else SHARE_PAID_EARLY
        if rng.random() < share:
            paid_at = min(paid_soon_after(created_at, rng), now - timedelta(minutes=5))
            yield PaidInvoice(pk, max(paid_at, created_at))
