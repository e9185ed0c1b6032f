"""What the serializers of every app are made of: fields that take one type, and no card number.

Reading and showing use one instance of each serializer for the whole process: nothing of a
request lives in it, and making one anew costs more than using it.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core import pan
from core.errors import CardNumberRefused
from core.money import EXPONENTS, Money

if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLIC_ID_LENGTH = 40
CURRENCY_LENGTH = 3
MOST_UNKNOWN_NAMED = 20


class Text(serializers.CharField):
    """A text with a form of its own. Takes nothing but text, and no card number."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if pan.looks_like_card(text):
            raise serializers.ValidationError(
                CardNumberRefused.message, code=CardNumberRefused.code
            )
        return text


class FreeText(serializers.CharField):
    """A person's own words. What looks like a card number is masked before anybody sees it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return pan.mask(super().to_internal_value(data))


class PublicId(Text):
    """The id of something of ours. That it exists is for the reader to find out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=PUBLIC_ID_LENGTH, **kwargs)


class Whole(serializers.IntegerField):
    """A whole number, written as one: neither "5" nor 5.0 nor true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """True or false, written so: neither "yes" nor 1."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=type(data).__name__)
        return data


class Choice(serializers.ChoiceField):
    """One of some words. What was given instead is not repeated in the refusal."""

    default_error_messages = {"invalid_choice": _("This is not one of the choices.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice")
        chosen: str = super().to_internal_value(data)
        return chosen


class CurrencyCode(Text):
    """A currency of ISO 4217, in capitals."""

    default_error_messages = {"currency_unknown": _("This is not a currency of ISO 4217.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"min_length": CURRENCY_LENGTH, "max_length": CURRENCY_LENGTH}
        super().__init__(help_text="ISO 4217, such as EUR.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code not in EXPONENTS:
            self.fail("currency_unknown")
        return code


class Input(serializers.Serializer[Any]):
    """What a request may say. A member that is not declared is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = _unknown(data, self.fields)
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                unknown = {**error.detail, **unknown}
            raise serializers.ValidationError(unknown or error.detail) from None
        if unknown:
            raise serializers.ValidationError(unknown)
        return values


class Nothing(Input):
    """A request that says nothing but its address."""


class Instant(serializers.DateTimeField):
    """An instant, written in UTC whatever the business day's zone is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class Output[Row: models.Model](serializers.ModelSerializer[Row]):
    # How a row of ours looks to a machine. A docstring here would describe every object there.

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: Instant,
    }


class MoneyOutput(serializers.Serializer[Money]):
    """An amount as the API writes it: minor units and a currency of ISO 4217."""

    amount = serializers.IntegerField(source="minor", help_text="Minor units.")
    currency = serializers.CharField(help_text="ISO 4217.")

    def to_representation(self, instance: Money) -> dict[str, Any]:
        return {"amount": instance.minor, "currency": instance.currency}


def read(kind: type[Input], data: Any) -> dict[str, Any]:
    """Give the values of a request's body. Raises ValidationError, which names every field."""
    values: dict[str, Any] = _instances[kind].run_validation(data)
    return values


def show(kind: type[serializers.BaseSerializer[Any]], row: Any) -> Mapping[str, Any]:
    """Write one object as the API shows it."""
    shown: Mapping[str, Any] = _instances[kind].to_representation(row)
    return shown


class _Instances(dict[type, Any]):
    def __missing__(self, kind: type) -> Any:
        return self.setdefault(kind, kind())


_instances = _Instances()


def _unknown(data: Any, known: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
    """Refuse the members that nobody asked for. The first twenty are named."""
    if not isinstance(data, dict) or data.keys() <= known.keys():
        return {}
    error = ErrorDetail(str(_("There is no such field.")), code="unknown_field")
    names = [name for name in data if name not in known][:MOST_UNKNOWN_NAMED]
    return {name: [error] for name in names}
