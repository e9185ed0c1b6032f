"""What every endpoint of the API shares: keys, permissions, pages and idempotency."""

from __future__ import annotations

import hmac
import json
import secrets
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.response import Response

from core import context, idempotency, policy, rows
from core.errors import DomainError
from core.models import ApiKey, Role, User
from core.models.keys import hash_secret
from core.problems import ParametersRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django_stubs_ext import StrOrPromise
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from core.policy import Permission

SCHEME = "kui"
PREFIX_BYTES = 4
SECRET_BYTES = 32
LONGEST_NUMBER = 18  # Digits: what is longer fits no primary key.
USED_EVERY = timedelta(minutes=1)

_KEY_FIELDS = (
    *("id", "public_id", "name", "prefix", "secret_hash", "permissions", "role"),
    *("owner_id", "expires_at", "revoked_at", "last_used_at"),
)
_OWNER_FIELDS = ("id", "public_id", "username", "role", "is_active")
_KEY_OF_PREFIX = f"""
    SELECT {", ".join(f"key.{name}" for name in _KEY_FIELDS)},
           {", ".join(f"owner.{name}" for name in _OWNER_FIELDS)}
      FROM core_apikey key JOIN core_user owner ON owner.id = key.owner_id
     WHERE key.prefix = %s
"""  # noqa: S608 - made of the names above


def issue_key(
    *,
    name: str,
    owner: User,
    permissions: Iterable[Permission],
    role: str = Role.AGENT,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make an API key. Its token is given here, this once, and is stored nowhere."""
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_hex(SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name,
        owner=owner,
        prefix=prefix,
        secret_hash=hash_secret(secret),
        permissions=[str(permission) for permission in permissions],
        role=role,
        expires_at=expires_at,
    )
    return key, f"{SCHEME}_{prefix}_{secret}"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer kui_<prefix>_<secret>`. The key itself is the request's user."""

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = find_key(token.strip())
        if key is None:
            raise exceptions.AuthenticationFailed(_("This API key is not valid."))
        context.current().actor = key
        _note_use(key)
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def find_key(token: str) -> ApiKey | None:
    """Find the active key of a token with one query, or None.

    The secret is compared in constant time, also where there is no such key.
    """
    scheme, _first, rest = token.partition("_")
    prefix, _second, secret = rest.partition("_")
    if scheme != SCHEME or not secret:
        return None
    key = _key_of_prefix(prefix)
    expected = key.secret_hash if key else hash_secret("")
    is_right = hmac.compare_digest(expected, hash_secret(secret))
    return key if key is not None and is_right and key.is_active else None


def _key_of_prefix(prefix: str) -> ApiKey | None:
    """Read a key and its owner. Spelt out, because every request to the API begins with it."""
    if len(prefix) != 2 * PREFIX_BYTES or not prefix.isascii() or not prefix.isalnum():
        return None
    found = rows.select(_KEY_OF_PREFIX, [prefix])
    if not found:
        return None
    (row,) = found
    key = rows.build(ApiKey, _KEY_FIELDS, row[: len(_KEY_FIELDS)])
    key.owner = rows.build(User, _OWNER_FIELDS, row[len(_KEY_FIELDS) :])
    return key


def _note_use(key: ApiKey) -> None:
    """Write down the last use, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


class PermissionNeeded(BasePermission):
    """Refuses everybody whom `core.policy` does not allow. Made by `Needs`."""

    permission: Permission

    def has_permission(self, request: Request, view: APIView) -> bool:
        return policy.allows(cast("Any", request.user), self.permission)


class WritePermissionNeeded(PermissionNeeded):
    """Lets everybody read whom the other permission classes let. Made by `NeedsToWrite`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)


def Needs(permission: Permission) -> type[PermissionNeeded]:  # noqa: N802 - reads as a class
    """Make the permission class of an API view: `permission_classes = [Needs(policy.REFUND)]`."""
    return type("Needs", (PermissionNeeded,), {"permission": permission})


def NeedsToWrite(permission: Permission) -> type[PermissionNeeded]:  # noqa: N802 - reads as a class
    """Make the permission class that guards everything but reading. Name both where they differ."""
    return type("NeedsToWrite", (WritePermissionNeeded,), {"permission": permission})


class CursorPages(CursorPagination):
    """Pages that stay true while rows are added: `cursor`, `limit` ≤ 200, newest first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-pk"

    def get_page_size(self, request: Request) -> int:
        """Read `limit`. More than the most is the most; what is no number is refused."""
        text = request.query_params.get("limit")
        if text is None:
            return self.page_size
        if not text.isascii() or not text.isdecimal() or int(text[:LONGEST_NUMBER]) == 0:
            raise _refused("limit", _("This is not a number above zero."))
        return min(int(text[:LONGEST_NUMBER]), self.max_page_size)

    def decode_cursor(self, request: Request) -> Any:
        """Read `cursor`. One that no page of ours gave is refused."""
        try:
            cursor = super().decode_cursor(request)
        except exceptions.NotFound:
            raise _refused("cursor", _("No page gave this cursor.")) from None
        if cursor and cursor.position is not None and not _is_number(str(cursor.position)):
            raise _refused("cursor", _("No page gave this cursor."))
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        example = "https://kuitti.example/api/v1/…?cursor=cD00NzEx"
        address = {"type": ["string", "null"], "format": "uri", "example": example}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**address, "description": "The page of older rows."},
                "previous": {**address, "description": "The page of newer rows."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        del view
        limit = {"type": "integer", "minimum": 1, "maximum": 200, "default": self.page_size}
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where the page begins: taken from `next` or `previous`.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": "Rows to a page. More than 200 is taken for 200.",
                "schema": limit,
            },
        ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def _refused(parameter: str, sentence: StrOrPromise) -> ParametersRefused:
    error = exceptions.ErrorDetail(str(sentence), code="invalid")
    return ParametersRefused({parameter: [error]})


@contextmanager
def idempotent(request: Request, prefix: str) -> Iterator[idempotency.Reservation]:
    """Open a transaction in which an object is made once per Idempotency-Key.

    Give the object `reservation.public_id`; on a replay find it by that id and show it.
    Raises KeyMissing, KeyInFlight and KeyReused before anything is made.
    """
    with transaction.atomic():
        yield idempotency.reserve(
            principal=cast("ApiKey", request.user),
            route=f"{request.method} {request.path}",
            key=request.headers.get("Idempotency-Key", ""),
            body=json.dumps(request.data, sort_keys=True, default=str).encode(),
            prefix=prefix,
        )


def made(
    reservation: idempotency.Reservation, data: Any, *, status: int = HTTPStatus.CREATED
) -> Response:
    """Answer with the object that was made, or 200 with it as it is now on a replay."""
    if reservation.is_replay:
        return Response(data, headers={"Idempotent-Replayed": "true"})
    return Response(data, status=status)


@contextmanager
def about(field: str, **renamed: str) -> Iterator[None]:
    """Let a refusal point at the field of the request that it is about.

    A DomainError that names no field gets this one; fields that the request calls otherwise
    are given as `items="invoices"`.
    """
    try:
        yield
    except DomainError as error:
        error.field = renamed.get(error.field, error.field or field)
        raise
