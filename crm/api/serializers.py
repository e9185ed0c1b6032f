"""How customers look to a machine. No logic lives here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import ContactPoint, Customer, OutgoingMessage
from crm.models.customers import NAME_LENGTH, Channel

MOST_CONTACTS = 20
LONGEST_NOTE = 10_000
PHONE_LENGTH = 40
EMAIL_LENGTH = 254
ID_LENGTH = 120

Status = OutgoingMessage.Status


class ContactPointOutput(serializers.ModelSerializer[ContactPoint]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = ContactPoint
        fields = ["id", "kind", "value", "label", "is_primary"]


class CustomerOutput(serializers.ModelSerializer[Customer]):
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


class CustomerChanges(serializers.Serializer[Any]):
    """What is given is changed; phones, e-mails and external ids are added."""

    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    kind = serializers.ChoiceField(choices=Customer.Kind.choices, required=False)
    business_id = serializers.CharField(max_length=11, allow_blank=True, required=False)
    language = serializers.ChoiceField(choices=Customer.Language.choices, required=False)
    note = serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, required=False)
    street = serializers.CharField(max_length=200, allow_blank=True, required=False)
    postal_code = serializers.CharField(max_length=12, allow_blank=True, required=False)
    town = serializers.CharField(max_length=80, allow_blank=True, required=False)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="ISO 3166-1.")
    preferred_channel = serializers.ChoiceField(
        choices=Channel.choices, allow_blank=True, required=False
    )
    preferred_method = serializers.CharField(max_length=32, allow_blank=True, required=False)
    phones = serializers.ListField(
        child=serializers.CharField(max_length=PHONE_LENGTH),
        max_length=MOST_CONTACTS,
        required=False,
        help_text="In any notation; without a country they are read as Finnish.",
    )
    emails = serializers.ListField(
        child=serializers.CharField(max_length=EMAIL_LENGTH),
        max_length=MOST_CONTACTS,
        required=False,
    )
    external_ids = serializers.DictField(
        child=serializers.CharField(max_length=ID_LENGTH),
        required=False,
        help_text="The customer's id by system. No two customers share one.",
    )


class CustomerInput(CustomerChanges):
    name = serializers.CharField(max_length=NAME_LENGTH)


class DeliveryInput(serializers.Serializer[Any]):
    """The gateway's own name of the message, ours, or both."""

    id = serializers.CharField(max_length=ID_LENGTH, allow_blank=True, default="")
    message = serializers.CharField(max_length=40, allow_blank=True, default="")
    status = serializers.ChoiceField(choices=[Status.SENT, Status.DELIVERED, Status.FAILED])
