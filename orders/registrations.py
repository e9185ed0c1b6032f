"""What orders registers with the registries of lower apps, once the models are loaded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import pan, reference
from core.locks import Rank
from crm import call_story as stories
from crm import owed, panels, wrapping
from crm.panels import Slot
from crm.services import calls, merging, messages, timeline
from orders import balances, call_deeds, call_story, message_texts, numbering
from orders.models import InstalmentPlan, Invoice, Order, PromiseToPay
from orders.views import panels as own_panels


def register_all() -> None:
    """Say which rows must exist and follow a merge, how entries read, what pages show.

    Safe to repeat.
    """
    reference.register(numbering.ensure_series)
    merging.register(Order, "customer", rank=Rank.ORDER)
    merging.register(Invoice, "customer", rank=Rank.INVOICE)
    merging.register(PromiseToPay, "customer", rank=Rank.PROMISE)
    merging.register(InstalmentPlan, "customer", rank=Rank.PROMISE)
    timeline.register("order.placed", _("Order %(number)s placed, %(amount)s"))
    timeline.register("order.canceled", _("Order %(number)s cancelled"))
    timeline.register("order.out_of_stock", _("Order %(number)s is paid, but out of stock"))
    timeline.register("invoice.issued", _("Invoice %(number)s sent, %(amount)s"))
    timeline.register(
        "credit_note.issued", _("%(amount)s of invoice %(invoice)s credited, note %(number)s")
    )
    timeline.register("promise.made", _("Promised to pay %(amount)s by %(day)s"))
    timeline.register("promise.kept", _("Promise of %(amount)s by %(day)s kept"))
    timeline.register("promise.broken", _("Promise of %(amount)s by %(day)s broken"))
    timeline.register("promise.withdrawn", _("Promise of %(amount)s by %(day)s withdrawn"))
    timeline.register("plan.made", _("Agreed to pay %(amount)s in instalments"))
    timeline.register("plan.completed", _("Instalments of %(amount)s all paid"))
    timeline.register("plan.broken", _("Instalments of %(amount)s broken"))
    timeline.register("plan.withdrawn", _("Instalments of %(amount)s withdrawn"))
    messages.register("promise", message_texts.render_promise)
    panels.register(Slot.SIDE, own_panels.owed, order=10)
    panels.register(Slot.ORDERS, own_panels.orders_and_invoices, order=10)
    owed.register(balances.outstanding)
    wrapping.register(call_deeds.tell)
    stories.register(call_story.tell)
    calls.register(grown=call_story.grown)
    if references_of_ours not in pan.known_references:
        pan.known_references.append(references_of_ours)


def references_of_ours(candidates: set[str]) -> set[str]:
    """Those of the candidates, digits only, that are references of open invoices."""
    found = Invoice.objects.open().filter(reference__in=candidates)
    return set(found.values_list("reference", flat=True))
