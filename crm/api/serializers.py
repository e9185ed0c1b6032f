"""How customers look to a machine. No logic lives here."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core import pan
from core.errors import CardNumberRefused
from core.serializers import Choice, FreeText, Input, Instant, Output, PublicId, Text
from crm.models import ContactPoint, Customer, Feedback, OutgoingMessage, Task
from crm.models.customers import NAME_LENGTH, Channel
from crm.models.tasks import TEXT_LENGTH

MOST_CONTACTS = 20
LONGEST_NOTE = 10_000
PHONE_LENGTH = 40
EMAIL_LENGTH = 254
ID_LENGTH = 120

Status = OutgoingMessage.Status
REPORTED = [
    (status.value, status.label) for status in (Status.SENT, Status.DELIVERED, Status.FAILED)
]


class ContactPointOutput(Output[ContactPoint]):
    """One phone number in E.164, or one e-mail address in lower case."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = ContactPoint
        fields = ["id", "kind", "value", "label", "is_primary"]


class CustomerOutput(Output[Customer]):
    """A customer with all contact points. Phones are in E.164."""

    id = serializers.CharField(source="public_id")
    contact_points = ContactPointOutput(many=True)
    external_ids = serializers.DictField(
        source="ids_by_source", help_text="By system: the latest id that it gave."
    )

    class Meta:
        model = Customer
        fields = [
            *("id", "kind", "name", "business_id", "language", "note"),
            *("street", "postal_code", "town", "country"),
            *("preferred_channel", "preferred_method"),
            *("contact_points", "external_ids", "created_at", "updated_at"),
        ]


class CountryCode(Text):
    """Two capital letters."""

    default_error_messages = {"invalid": _("Write the country as two capital letters.")}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if not re.fullmatch(r"[A-Z]{2}", code):
            self.fail("invalid")
        return code


class IdsBySource(serializers.DictField):
    """Ids by the name of the system that gave them."""

    child = Text(max_length=ID_LENGTH)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and any(map(pan.looks_like_card, data)):
            raise serializers.ValidationError(
                CardNumberRefused.message, code=CardNumberRefused.code
            )
        ids: dict[str, str] = super().to_internal_value(data)
        return ids


class CustomerChanges(Input):
    """What is given is changed; phones, e-mails and external ids are added."""

    name = FreeText(max_length=NAME_LENGTH, required=False)
    kind = Choice(choices=Customer.Kind.choices, required=False)
    business_id = Text(max_length=11, allow_blank=True, required=False)
    language = Choice(choices=Customer.Language.choices, required=False)
    note = FreeText(max_length=LONGEST_NOTE, allow_blank=True, required=False)
    street = FreeText(max_length=200, allow_blank=True, required=False)
    postal_code = Text(max_length=12, allow_blank=True, required=False)
    town = FreeText(max_length=80, allow_blank=True, required=False)
    country = CountryCode(required=False, help_text="ISO 3166-1.")
    preferred_channel = Choice(choices=Channel.choices, allow_blank=True, required=False)
    preferred_method = Text(max_length=32, allow_blank=True, required=False)
    phones = serializers.ListField(
        child=Text(max_length=PHONE_LENGTH),
        max_length=MOST_CONTACTS,
        required=False,
        help_text="In any notation; without a country they are read as Finnish.",
    )
    emails = serializers.ListField(
        child=Text(max_length=EMAIL_LENGTH),
        max_length=MOST_CONTACTS,
        required=False,
    )
    external_ids = IdsBySource(
        required=False,
        help_text="The customer's id by system. No two customers share one.",
    )


class CustomerInput(CustomerChanges):
    name = FreeText(max_length=NAME_LENGTH)


class DeliveryInput(Input):
    """The gateway's own name of the message, ours, or both."""

    id = Text(max_length=ID_LENGTH, allow_blank=True, default="")
    message = PublicId(allow_blank=True, default="")
    status = Choice(choices=REPORTED)


class TaskOutput(Output[Task]):
    """Something to be done, by one person or by whoever takes it."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id", default=None, allow_null=True)
    assigned_to = serializers.CharField(
        source="assigned_to.username", default=None, allow_null=True
    )

    class Meta:
        model = Task
        fields = [
            *("id", "kind", "customer", "text", "due_at", "assigned_to"),
            *("cause", "done_at", "created_at"),
        ]


class TaskInput(Input):
    """What is to be done, for whom, and when."""

    kind = Choice(choices=Task.Kind.choices)
    customer = PublicId(required=False)
    text = FreeText(max_length=TEXT_LENGTH, allow_blank=True, required=False)
    due_at = Instant(help_text="ISO 8601, with its offset from UTC.")


class FeedbackOutput(Output[Feedback]):
    """The question after a call: asked or, for the reason in `withheld`, not; and the answer."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    call = serializers.CharField(source="call.public_id")
    agent = serializers.CharField(source="agent.username")

    class Meta:
        model = Feedback
        fields = [
            *("id", "customer", "call", "agent", "withheld", "score", "words"),
            *("answered_at", "expires_at", "created_at"),
        ]
