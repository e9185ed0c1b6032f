"""Agreeing on instalments: the plan, what may be charged for it, its first part, its message.

One transaction: where any of it is refused, none of it remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from core import audit
from core.jobs import business_date
from core.money import format_money
from core.writing import reader_locale, write_day
from crm.services import messages
from orders.models import InstalmentPlan
from orders.services import plans
from payments import errors
from payments.method_names import label_of
from payments.models import InstalmentMandate, PaymentMethod
from payments.services import instalments, replacing
from payments.services.payment import in_one_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import ApiKey, User
    from orders.services.plans import Part, Planned
    from payments.services.destinations import Destination

Way = InstalmentPlan.Way


def sentence_of(parts: Sequence[Part], *, rhythm: str, method: PaymentMethod, language: str) -> str:
    """What is read to the customer before a saved method is charged for a plan, in their language.

    It names who charges, what, how often, how much on which days, and how much in all.
    """
    with translation.override(language):
        words = (
            gettext(
                "May %(merchant)s charge your %(method)s %(count)s times, every two weeks:"
                " %(first)s on %(first_day)s, then %(each)s each time, the last on %(last_day)s?"
                " That is %(total)s in all."
            )
            if rhythm == InstalmentPlan.Rhythm.FORTNIGHTLY
            else gettext(
                "May %(merchant)s charge your %(method)s %(count)s times, every month:"
                " %(first)s on %(first_day)s, then %(each)s each time, the last on %(last_day)s?"
                " That is %(total)s in all."
            )
        )
        locale = reader_locale()
        total = sum((part.money for part in parts[1:]), parts[0].money)
        return words % {
            "merchant": settings.MERCHANT_NAME,
            "method": label_of(method),
            "count": len(parts),
            "first": format_money(parts[0].money, locale),
            "first_day": write_day(parts[0].due_on, locale),
            "each": format_money(parts[-1].money, locale),
            "last_day": write_day(parts[-1].due_on, locale),
            "total": format_money(total, locale),
        }


@in_one_transaction
def agree(
    planned: Planned,
    *,
    actor: User | ApiKey,
    method: PaymentMethod | None = None,
    confirm_to: Destination | None = None,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> InstalmentPlan:
    """Make a plan; the part of today is asked for at once, the others on their days.

    What is open to pay its invoices by closes. With a method the customer has agreed to the
    sentence of `sentence_of`. Raises what `make_plan` and `replacing.close` raise, and what
    `create_intent`, `open_link` or `charge_saved_method` raise of the first part;
    MethodNotOffered for somebody else's method.
    """
    way = Way.LINK if method is None else Way.CHARGE
    others = replacing.lock_payable(planned.customer.pk, planned.invoice_ids)
    plan = plans.make_plan(planned, actor=actor, way=way, public_id=public_id)
    replacing.close(others, actor=actor, replaces_open_page=replaces_open_page)
    if method is not None:
        _keep_word(plan, planned, method, actor)
    if confirm_to is not None:
        _confirm(plan, confirm_to, method)
    first = plan.instalments.order_by("position")[0]
    if first.due_on <= business_date():
        instalments.ask(first.pk, actor=actor, is_off_session=False)
    return plan


def _keep_word(
    plan: InstalmentPlan, planned: Planned, method: PaymentMethod, actor: User | ApiKey
) -> None:
    """Write down which method may be charged, and the sentence that the customer agreed to."""
    if method.customer_id != plan.customer_id or method.removed_at is not None:
        raise errors.MethodNotOffered
    parts = plans.preview(
        planned.amount, parts=planned.parts, first_on=planned.first_on, rhythm=planned.rhythm
    )
    mandate = InstalmentMandate.objects.create(
        plan=plan,
        method=method,
        sentence=sentence_of(
            parts, rhythm=planned.rhythm, method=method, language=plan.customer.language
        ),
    )
    audit.record(actor, "instalments.allowed", mandate, after={"sentence": mandate.sentence})


def _confirm(plan: InstalmentPlan, place: Destination, method: PaymentMethod | None) -> None:
    """Ask for the message that says what was agreed. Asking twice sends one."""
    messages.queue(
        cause=plan.public_id,
        kind="instalments",
        channel=place.channel,
        destination=place.address,
        customer_id=plan.customer_id,
        language=place.language,
        data={"plan": plan.public_id, "method": method.public_id if method else ""},
    )
