"""What crm itself registers with its own registries, once the models are loaded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import live, reference, seals
from core.locks import Rank
from crm import call_story, feedback_story, message_texts
from crm.models import (
    Call,
    Consent,
    ContactPoint,
    Customer,
    ExternalId,
    Feedback,
    OutgoingMessage,
    SearchKey,
    Task,
    TimelineEntry,
)
from crm.services import calls, feedback, merging, messages, timeline, wrap_ups

SEALED_OF_EVENTS = (
    "id", "call_id", "kind", "at", "received_at", "extension", "agent_id", "dedupe_key", "xid",
)  # fmt: skip

CALLS = {
    "call.inbound": _("Called, %(minutes)s min"),
    "call.inbound_taken": _("Called, %(minutes)s min, %(amount)s taken"),
    "call.outbound": _("Was called, %(minutes)s min"),
    "call.outbound_taken": _("Was called, %(minutes)s min, %(amount)s taken"),
    "call.missed": _("Called, and nobody answered"),
    "call.failed": _("Was called, and was not reached"),
}

TASKS = {
    Task.Kind.CALL_BACK: (
        _("Call-back agreed"),
        _("Called back"),
        _("Call-back open again"),
    ),
    Task.Kind.FOLLOW_UP: (
        _("Follow-up noted"),
        _("Followed up"),
        _("Follow-up open again"),
    ),
    Task.Kind.PROMISE_BROKEN: (
        _("Broken promise to be looked after"),
        _("Broken promise looked after"),
        _("Broken promise to be looked after again"),
    ),
    Task.Kind.PLAN_BROKEN: (
        _("Broken instalments to be looked after"),
        _("Broken instalments looked after"),
        _("Broken instalments to be looked after again"),
    ),
    Task.Kind.INSTALMENT: (
        _("Instalment that was not taken to be looked after"),
        _("Instalment that was not taken looked after"),
        _("Instalment that was not taken to be looked after again"),
    ),
    Task.Kind.OUT_OF_STOCK: (
        _("Paid order that is out of stock to be looked after"),
        _("Paid order that is out of stock looked after"),
        _("Paid order that is out of stock to be looked after again"),
    ),
}


def register_all() -> None:
    """Say what follows a merge, how entries read, what is live and sealed. Safe to repeat."""
    merging.register(Customer, "merged_into")
    merging.register(ContactPoint, "customer", unique_with=("kind", "value"))
    merging.register(ExternalId, "customer")
    merging.register(Consent, "customer")
    merging.register(SearchKey, "customer", unique_with=("kind", "key"))
    merging.register(TimelineEntry, "customer")
    merging.register(Call, "customer", rank=Rank.CALL)
    merging.register(Task, "customer")
    merging.register(Feedback, "customer")
    merging.register(OutgoingMessage, "customer", rank=Rank.MESSAGE)
    timeline.register("customer.created", _("Customer added"))
    timeline.register("customer.merged", _("Merged with %(source)s"))
    timeline.register("customer.unmerged", _("Merge with %(source)s undone"))
    for kind, sentence in CALLS.items():
        timeline.register(kind, sentence)
    timeline.register("feedback.answered", _("How the call went: %(score)s of 5"))
    messages.register(feedback.KIND, message_texts.render_feedback_request)
    call_story.register(feedback_story.tell)
    live.register_topic("calls", calls.line_versions)
    reference.register(wrap_ups.ensure_codes)
    live.register_topic("call", calls.call_versions)
    seals.register("crm_callevent", SEALED_OF_EVENTS)
    for kind, (made, done, reopened) in TASKS.items():
        timeline.register(f"task.made.{kind}", made)
        timeline.register(f"task.done.{kind}", done)
        timeline.register(f"task.reopened.{kind}", reopened)
