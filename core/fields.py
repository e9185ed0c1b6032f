"""Fields that keep a promise by themselves, whichever door a value comes in by."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.expressions import Func

from core import pan
from core.errors import CardNumberRefused
from core.ids import make_public_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    type _Connection = BaseDatabaseWrapper
    _CharField = models.CharField[str, str]
    _TextField = models.TextField[str, str]
    _JsonTextField = models.TextField[Any, Any]
    _IntField = models.Field[int, int]
else:
    # Django's fields take type arguments in the stubs only.
    _CharField, _TextField = models.CharField, models.TextField
    _JsonTextField, _IntField = models.TextField, models.Field

PUBLIC_ID_LENGTH = 40


class PublicIdField(_CharField):
    """The id the world sees. Made in Python before the row exists, sorted as bytes."""

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs |= {
            "max_length": PUBLIC_ID_LENGTH,
            "unique": True,
            "editable": False,
            "default": partial(make_public_id, prefix),
            "db_collation": "C",
        }
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "unique", "editable", "default", "db_collation"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "prefix": self.prefix}

    def db_type(self, connection: _Connection) -> str:
        # Spelt so, Django adds no second index for LIKE: in collation C the first one serves it.
        return f"character varying({PUBLIC_ID_LENGTH})"


class XidField(_IntField):
    """The transaction that wrote the row, as PostgreSQL's own 64-bit id. Never given by us."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"editable": False, "db_default": Func(function="pg_current_xact_id")}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "db_default"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs

    def db_type(self, connection: _Connection) -> str:
        return "xid8"

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)

    def get_db_prep_value(
        self,
        value: Any,
        connection: _Connection,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's own
    ) -> Any:
        # A number literal has no operator with xid8, a text literal takes its type.
        return str(value) if isinstance(value, int) else value


class _MasksCardNumbers:
    """Masks card numbers on the way into the database: save, update and bulk alike."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's own
        value = super().pre_save(model_instance, add)  # type: ignore[misc]
        if isinstance(value, str):
            value = pan.mask(value)
            setattr(model_instance, self.attname, value)  # type: ignore[attr-defined]
        return value

    def get_db_prep_save(self, value: Any, connection: _Connection) -> Any:
        masked = pan.mask(value) if isinstance(value, str) else value
        return super().get_db_prep_save(masked, connection)  # type: ignore[misc]


class FreeTextField(_MasksCardNumbers, _TextField):
    """A person's own words. What looks like a card number is masked before it is stored."""


class FreeCharField(_MasksCardNumbers, _CharField):
    """A line of a person's own words, masked as in FreeTextField."""


class StructuredCharField(_CharField):
    """A value with a form of its own: a reference, a number, a phone.

    Refuses what looks like a card number (CardNumberRefused on the way into the database,
    ValidationError in forms), unless it is one of our own numbers.
    """

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if isinstance(value, str) and pan.looks_like_card(value):
            raise ValidationError(str(CardNumberRefused()), code="card_number")

    def get_db_prep_save(self, value: Any, connection: _Connection) -> Any:
        if isinstance(value, str) and pan.looks_like_card(value):
            raise CardNumberRefused(field=self.name)
        return super().get_db_prep_save(value, connection)


class EncryptedJSONField(_JsonTextField):
    """JSON that lies encrypted in the database. It cannot be searched, only read.

    The first of `settings.FIELD_ENCRYPTION_KEYS` encrypts; all of them decrypt.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(cipher().decrypt(value))

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        return cipher().encrypt(json.dumps(value, separators=(",", ":")).encode()).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError("An encrypted field cannot be searched.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))


def cipher() -> MultiFernet:
    """Give the cipher of this process: encrypts with the first key, decrypts with any."""
    return _cipher_of(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
