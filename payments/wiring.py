"""Where payments hangs itself onto what the apps below offer. Run once at start."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import live, locks, reference, seals
from crm import call_story as stories
from crm import methods, wrapping
from crm.services import calls, merging, messages, timeline
from orders.services import stock
from payments import (
    call_deeds,
    call_story,
    error_codes,
    live_topics,
    message_texts,
    method_names,
    panels,
    places,
)
from payments.models import PaymentIntent, PaymentMethod
from payments.services import approval_news, message_news, stock_keeping

TRANSFER_COLUMNS = (
    "id",
    "source",
    "subject",
    "pair",
    "debit_id",
    "credit_id",
    "is_reverse",
    "amount",
    "created_at",
    "xid",
)
EVENT_COLUMNS = (
    "id",
    "intent_id",
    "account_id",
    "subject_kind",
    "subject_id",
    "status",
    "amount",
    "currency",
    "version",
    "source",
    "dedupe_key",
    "created_at",
    "xid",
)

SENTENCES = {
    "payment_succeeded": _("Paid %(amount)s"),
    "payment_link_sent": _("Payment link for %(amount)s"),
    "payment_canceled": _("Payment called off"),
    "refund_requested": _("Refund of %(amount)s requested"),
    "refund_approved": _("Refund of %(amount)s approved by a second person"),
    "refund_refused": _("Refund of %(amount)s refused by a second person"),
    "refund_withdrawn": _("Refund of %(amount)s withdrawn"),
    "surplus_asked": _("Moving %(amount)s to invoice %(invoice)s asked for"),
    "surplus_moved": _("%(amount)s moved to invoice %(invoice)s"),
    "surplus_approved": _("%(amount)s moved to invoice %(invoice)s, approved by a second person"),
    "surplus_refused": _("Moving %(amount)s to invoice %(invoice)s refused by a second person"),
    "surplus_withdrawn": _("Moving %(amount)s to invoice %(invoice)s withdrawn"),
    "surplus_taken_back": _("%(amount)s taken back from invoice %(invoice)s"),
    "outcome_carried_out": _("Two people found: %(amount)s was carried out"),
    "outcome_not_carried_out": _("Two people found: %(amount)s was not carried out"),
    "refund_succeeded": _("Refunded %(amount)s"),
    "dispute_opened": _("Payment of %(amount)s disputed by the customer’s bank"),
}


def connect() -> None:
    """Register seals, reference rows, live topics, message texts, sentences and pointers."""
    seals.register("payments_transfer", TRANSFER_COLUMNS)
    seals.register("payments_paymentevent", EVENT_COLUMNS)
    reference.register(error_codes.ensure_error_map)
    live.register_topic("intent", live_topics.intent_versions)
    live.register_topic(approval_news.TOPIC, live_topics.approval_versions)
    live.register_topic("customer", live_topics.customer_versions)
    messages.register("payment_link", message_texts.render_link)
    messages.register("bank_transfer", message_texts.render_transfer)
    messages.register("instalments", message_texts.render_instalments)
    messages.register("receipt", message_texts.render_receipt)
    messages.on_status.append(message_news.tell)
    merging.register(PaymentIntent, "customer", rank=locks.Rank.INTENT)
    merging.register(PaymentMethod, "customer")
    panels.register_all()
    places.register_all()
    wrapping.register(call_deeds.tell)
    stories.register(call_story.tell, call_story.topics)
    calls.register(taken=call_story.taken, grown=call_story.grown)
    methods.register(method_names.name_of)
    stock.register(stock_keeping.prospects_of)
    for kind, sentence in SENTENCES.items():
        timeline.register(kind, sentence)
