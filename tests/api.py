"""A program with an API key. Every answer it gets is held to the description of the API."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from rest_framework.test import APIClient

from core import openapi
from core.api import issue_key
from core.ids import make_public_id
from core.models import Role
from tests.factories.core import UserFactory

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.models import ApiKey, User
    from core.policy import Permission

PREFIX = "/api/v1/"


class Api:
    """A client with a key that may do exactly what it is told."""

    def __init__(
        self, *permissions: Permission, role: str = Role.FINANCE, owner: User | None = None
    ) -> None:
        self.key: ApiKey
        self.key, self.token = issue_key(
            name="shop",
            owner=owner or UserFactory.create(),
            permissions=list(permissions),
            role=role,
        )
        self.client = APIClient(headers={"Authorization": f"Bearer {self.token}"})

    def get(self, path: str, **query: Any) -> Any:
        return self._checked("get", path, self.client.get(PREFIX + path, query))

    def post(self, path: str, data: Any = None, *, key: str | None = None) -> Any:
        """Post under an Idempotency-Key of its own, unless one is given; an empty one is none."""
        named = make_public_id("test") if key is None else key
        headers = {"Idempotency-Key": named} if named else {}
        answer = self.client.post(
            PREFIX + path, data if data is not None else {}, format="json", headers=headers
        )
        return self._checked("post", path, answer)

    def patch(self, path: str, data: Any) -> Any:
        answer = self.client.patch(PREFIX + path, data, format="json")
        return self._checked("patch", path, answer)

    def send(self, method: str, path: str, body: bytes | str, **headers: str) -> Any:
        """Send bytes as they are."""
        answer = self.client.generic(
            method.upper(),
            PREFIX + path,
            cast("str", body),  # the stubs know text alone
            content_type=headers.pop("content_type", "application/json"),
            headers={"Idempotency-Key": make_public_id("test"), **headers},
        )
        return self._checked(method.lower(), path, answer)

    @staticmethod
    def _checked(method: str, path: str, answer: HttpResponse) -> HttpResponse:
        assert_described(method, PREFIX + path.partition("?")[0], answer)
        return answer


def assert_described(method: str, path: str, answer: HttpResponse) -> None:
    """Fail on a status, a type or a body that the description does not have."""
    template = described_path(path)
    if template is None:
        assert answer.status_code == 404
        return
    operation = openapi.document()["paths"][template].get(method)
    if operation is None:
        assert answer.status_code == 405
        return
    status = str(answer.status_code)
    assert status in operation["responses"], f"{method} {path} answered {status}, not described"
    media_type = answer.headers.get("Content-Type", "").partition(";")[0]
    contents = _resolved(operation["responses"][status]).get("content", {})
    assert media_type in contents if contents else not answer.content
    if media_type.endswith("json"):
        validator = _validator(template, method, status, media_type)
        errors = [error.message for error in validator.iter_errors(answer.json())]  # type: ignore[attr-defined]
        assert errors == [], f"{method} {path} {status}: {errors[0]}"


@cache
def described_path(path: str) -> str | None:
    """The template of the description that an address belongs to."""
    for template in openapi.document()["paths"]:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return str(template)
    return None


@cache
def _validator(template: str, method: str, status: str, media_type: str) -> OAS31Validator:
    document = openapi.document()
    operation = document["paths"][template][method]
    schema = _resolved(operation["responses"][status])["content"][media_type]["schema"]
    return validator_of(schema)


def validator_of(schema: dict[str, Any]) -> OAS31Validator:
    """A validator of one schema of the description, whose references lead into it."""
    whole = {**schema, "components": openapi.document()["components"]}
    return OAS31Validator(whole, format_checker=oas31_format_checker)


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    found: Any = openapi.document()
    for part in response["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: dict[str, Any] = found
    return resolved
