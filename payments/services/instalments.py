"""Asking for the parts of instalment plans on their days: by a charge that was agreed, or a link.

A part is asked for once: its row of `InstalmentRequest` is unique. All that asking reserves is
one transaction, which ends with the lock of the plan: where the plan ended meanwhile, or the
part was paid or asked for, nothing of it remains.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.money import Money
from crm.models import Task
from crm.services import rows, tasks
from orders.errors import PlanEnded
from orders.models import Instalment, InstalmentPlan
from orders.services import plan_progress, plans
from payments.models import InstalmentMandate, InstalmentRequest, PaymentIntent
from payments.services import charges, links
from payments.services.destinations import destinations_of
from payments.services.intents import NewIntent, create_intent
from payments.services.payment import in_one_transaction, lock_payment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.services.actors import Actor
    from orders.models import InvoiceHold

logger = logging.getLogger(__name__)

JOB = "ask_instalments"
MOST_AT_ONCE = 2_000
WAITING = "kind = 'charge' AND followed_at IS NULL"
UNDER_WAY = (
    PaymentIntent.Status.REQUIRES_ACTION,
    PaymentIntent.Status.PROCESSING,
    PaymentIntent.Status.REQUIRES_CAPTURE,
)


def is_asking_time() -> bool:
    """Whether the business day is old enough to write to customers and charge them."""
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    return bool(now.hour >= settings.INSTALMENT_ASK_HOUR)


def ask_due(today: date) -> int:
    """Ask for every part whose day has come, and say how many. Safe to run twice, at once, or late.

    One that fails does not stop the next; it is tried again the next time.
    """
    due = Instalment.objects.to_ask(today).order_by("due_on", "pk")
    ids = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(_ask_apart(pk) for pk in ids)


def _ask_apart(instalment_id: int) -> bool:
    try:
        return ask(instalment_id) is not None
    except PlanEnded:
        return False
    except Exception:  # The next part is somebody else's.
        logger.exception("instalment not asked for", extra={"instalment": instalment_id})
        return False


@in_one_transaction
def ask(
    instalment_id: int, *, actor: Actor = JOB, is_off_session: bool = True
) -> PaymentIntent | None:
    """Reserve a charge, or send a link, for what a part still lacks. None where nothing is asked.

    Nothing is asked where the part is paid, or was asked for; and nothing is charged while
    another payment of the same invoices is under way or of unknown outcome: that waits for the
    next time. Raises PlanEnded where the plan ended, or somebody else asked, at the same time.
    """
    customer_id = Instalment.objects.values_list("plan__customer", flat=True).get(pk=instalment_id)
    customer = rows.locked(customer_id)
    part = Instalment.objects.select_related("plan").get(pk=instalment_id)
    if part.status != Instalment.Status.DUE:
        return None
    holds = plan_progress.lock_invoices_of(part.plan)
    shares = plan_progress.wanted_for(part, holds)
    mandate = _mandate_of(part.plan)
    if not shares or (mandate is not None and _is_under_way(holds)):
        return None
    wanted = NewIntent(
        customer=customer,
        amount=Money(sum(shares.values()), part.plan.currency),
        invoices=[hold.invoice for hold in holds if hold.invoice_id in shares],
        shares=shares,
        description=_description(part, customer.language),
    )
    intent = create_intent(wanted, actor=actor)
    kind = InstalmentRequest.Kind.LINK if mandate is None else InstalmentRequest.Kind.CHARGE
    request = InstalmentRequest.objects.create(instalment=part, intent=intent, kind=kind)
    if mandate is None:
        _send_link(request, actor)
    else:
        charges.charge_saved_method(
            intent_id=intent.pk,
            method=mandate.method,
            actor=actor,
            is_off_session=is_off_session,
        )
    audit.record(actor, "instalment.asked", part, after={"amount": intent.amount, "kind": kind})
    plans.mark_asked(part)
    return intent


def _mandate_of(plan: InstalmentPlan) -> InstalmentMandate | None:
    """What was agreed for a plan, while the method is still kept."""
    kept = InstalmentMandate.objects.filter(plan=plan, method__removed_at=None)
    return kept.select_related("method__account").first()


def _is_under_way(holds: Sequence[InvoiceHold]) -> bool:
    """Whether money for these invoices may be moving. Their locks keep it from beginning now."""
    moving = Q(blocked_by_unknown=True) | Q(status__in=UNDER_WAY)
    invoices = [hold.invoice_id for hold in holds]
    return PaymentIntent.objects.filter(moving, items__invoice__in=invoices).exists()


def _description(part: Instalment, language: str) -> str:
    with translation.override(language):
        count = part.plan.instalments.count()
        words = _("Instalment %(position)s of %(count)s")
        return words % {"position": part.position, "count": count}


def _send_link(request: InstalmentRequest, actor: Actor) -> None:
    """Send a link to where the customer is reached; where that is nowhere, a person must."""
    places = destinations_of(request.intent.customer)
    if not places:
        _leave_to_a_person(request)
        return
    links.open_link(
        intent_id=request.intent_id,
        actor=actor,
        destination=places[0],
        valid_for=timedelta(days=settings.INSTALMENT_GRACE_DAYS + 1),
    )


def _leave_to_a_person(request: InstalmentRequest) -> None:
    tasks.make_task(
        kind=Task.Kind.INSTALMENT,
        due_at=timezone.now(),
        actor=JOB,
        customer=request.intent.customer,
        cause=request.instalment.public_id,
    )


def follow_up_declines() -> int:
    """Send links in place of charges that came to nothing. Safe to run twice, at once, or late."""
    ended = InstalmentRequest.objects.filter(
        kind=InstalmentRequest.Kind.CHARGE,
        followed_at=None,
        intent__status__in=[
            PaymentIntent.Status.REQUIRES_PAYMENT_METHOD,
            PaymentIntent.Status.CANCELED,
            PaymentIntent.Status.SUCCEEDED,
        ],
        intent__blocked_by_unknown=False,
    )
    ids = list(ended.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(follow_up(pk) for pk in ids)


@in_one_transaction
def follow_up(request_id: int) -> bool:
    """Where a charge was declined the customer gets a link and a person a task; else nothing.

    What is paid or called off needs neither, nor does a part of a plan that ended. While the
    outcome is unknown nothing is decided.
    """
    intent_id = InstalmentRequest.objects.values_list("intent_id", flat=True).get(pk=request_id)
    payment = lock_payment(intent_id)
    intent = payment.intent
    to_follow = InstalmentRequest.objects.filter(pk=request_id, followed_at=None)
    if intent.blocked_by_unknown or intent.status in UNDER_WAY:
        return False
    if not to_follow.update(followed_at=timezone.now()):
        return False
    found = InstalmentRequest.objects.select_related("instalment__plan", "intent__customer")
    request = found.get(pk=request_id)
    is_owed = request.instalment.status == Instalment.Status.ASKED
    if not is_owed or intent.status != PaymentIntent.Status.REQUIRES_PAYMENT_METHOD:
        return False
    _leave_to_a_person(request)
    if destinations_of(request.intent.customer):
        _send_link(request, JOB)
    return True
