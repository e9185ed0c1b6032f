"""Every column that can hold a text either guards itself against card numbers or says why not.

The reasons stand in docs/card-guard.md, too: whoever adds a column chooses a guarded field, or
adds a reason here and there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import fields
from core.models.base import BaseModel
from crm.fields import MaskedJSONField

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where people's and machines' own words come in. What payments keeps is ours, or a provider's
# signed word; tests/payments/test_card_canary.py searches every row of it.
APPS = ("core", "crm", "orders", "reporting", "training")
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)
GUARDED = (
    fields.FreeTextField,
    fields.FreeCharField,
    fields.StructuredCharField,
    fields.PublicIdField,
    fields.EncryptedJSONField,
    MaskedJSONField,
)
# What nobody outside can fill: our own code writes it, out of names, numbers and digests.
MADE_BY_US = {
    "core.ApiKey.permissions", "core.ApiKey.prefix", "core.ApiKey.secret_hash",
    "core.AuditEvent.action", "core.AuditEvent.actor_id", "core.AuditEvent.actor_kind",
    "core.AuditEvent.after_digest", "core.AuditEvent.before_digest", "core.AuditEvent.object_id",
    "core.AuditEvent.object_type", "core.AuditEvent.reason_digest",
    "core.IdempotencyRecord.body_hash", "core.IdempotencyRecord.key",
    "core.IdempotencyRecord.object_id", "core.IdempotencyRecord.principal",
    "core.IdempotencyRecord.route", "core.JobRun.job", "core.Seal.columns", "core.Seal.mac",
    "core.Seal.parts", "core.Seal.previous", "core.User.password", "crm.CallEvent.dedupe_key",
    "crm.CustomerMerge.demoted", "crm.CustomerMerge.moved", "orders.Allocation.cause",
    "orders.Allocation.source_id", "orders.CreditNote.number", "orders.Invoice.number",
    "orders.Invoice.reference", "orders.Invoice.rf_reference", "orders.NumberSeries.name",
    "orders.Order.number",
}  # fmt: skip
# Two or three letters, checked where they come in; no card number has that form.
HAS_A_FORM = {
    "core.RoleLimit.currency", "crm.CallEvent.direction", "crm.Customer.country",
    "orders.InstalmentPlan.currency", "orders.Invoice.currency", "orders.Order.currency",
    "orders.Product.currency", "orders.PromiseToPay.currency",
}  # fmt: skip
# The door refuses instead: core/admin for people and keys, core/middleware for a request's id.
GUARDED_AT_THE_DOOR = {
    "core.ApiKey.name", "core.AuditEvent.request_id", "core.User.email", "core.User.first_name",
    "core.User.last_name", "core.User.username",
}  # fmt: skip
# A signed machine's own name for a thing; what is looked up by it must be kept as it came.
NAMED_BY_A_MACHINE = {"crm.Call.external_id", "crm.OutgoingMessage.gateway_reference"}
LISTED = MADE_BY_US | HAS_A_FORM | GUARDED_AT_THE_DOOR | NAMED_BY_A_MACHINE


def unguarded(model: type[models.Model]) -> Iterator[str]:
    """Name the columns of a model that take any text as it comes."""
    for field in model._meta.local_fields:
        if isinstance(field, TEXTS) and not isinstance(field, GUARDED) and not field.choices:
            yield f"{model._meta.label}.{field.name}"


def test_a_column_for_texts_guards_itself_or_is_listed_with_its_reason() -> None:
    ours = [model for model in apps.get_models() if model._meta.app_label in APPS]
    found = {name for model in ours for name in unguarded(model)}

    assert found == LISTED


def test_a_column_that_guards_nothing_would_be_seen() -> None:
    class Careless(BaseModel):
        note = models.TextField()
        kept = fields.FreeTextField()

        class Meta:
            app_label = "careless"
            managed = False

    assert list(unguarded(Careless)) == ["careless.Careless.note"]
