"""How the API describes itself: OpenAPI 3.1, from the views and what they say of themselves."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from rest_framework.serializers import BaseSerializer

PREFIX = "/api/v1/"
VERBS = {"POST": "create", "PATCH": "update"}
REPLAYED = "The object that this Idempotency-Key made before, as it is now."

# What can be wrong with a request, by what the request has. They are written out once.
ALWAYS = {"422": "Unprocessable", "503": "Unavailable"}
WITH_KEY = {"401": "NotAuthenticated", "403": "NotAllowed", "429": "TooManyRequests"}
WITH_TOKEN = {"403": "NotAllowed"}
WITH_ID_OR_BODY = {"404": "NotFound"}
WITH_BODY = {"400": "BadRequest", "413": "TooLarge", "415": "UnsupportedMediaType"}
WRITING = {"409": "Conflict"}
MEANINGS = {
    "BadRequest": "The body is not a JSON object, or the Idempotency-Key is missing.",
    "NotAuthenticated": "There is no API key, or it was revoked or has expired.",
    "NotAllowed": "The key may not do this, or not with this amount.",
    "NotFound": "Something that was named does not exist. `errors` says which field named it.",
    "Conflict": "Something stands in the way now; `code` says what.",
    "TooLarge": "The body is larger than 256 KiB.",
    "UnsupportedMediaType": "The body is not `application/json`.",
    "Unprocessable": "A field or parameter cannot be accepted; `errors` points at each.",
    "TooManyRequests": "The key asked too often in this minute. Wait for `Retry-After` seconds.",
    "Unavailable": "Not now. Repeat the request after `Retry-After` seconds, with the same key.",
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    type={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    description=(
        "Names this request, so that repeating it does nothing twice: a UUID, for example."
        " A repeat is answered with the object as it is now and `Idempotent-Replayed: true`."
    ),
)


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # of the library
    """The API key, in the Authorization header."""

    target_class = "core.api.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        del auto_schema
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "kui_<prefix>_<secret>",
            "description": "An API key. What it may do is listed when it is made.",
        }


class EndpointSchema(AutoSchema):
    """Names operations as a person would: `create_refund`, `cancel_payment_intent`."""

    def get_operation_id(self) -> str:
        resource, *rest = self.path.removeprefix(PREFIX).strip("/").split("/")
        noun = resource.replace("-", "_")
        one = noun[:-3] + "y" if noun.endswith("ies") else noun.removesuffix("s")
        if not rest:
            return f"{VERBS[self.method]}_{one}" if self.method in VERBS else f"list_{noun}"
        if len(rest) == 1:
            return f"{VERBS.get(self.method, 'retrieve')}_{one}"
        return f"{rest[1]}_{one}" if self.method == "POST" else f"retrieve_{one}_{rest[1]}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix(PREFIX).partition("/")[0]]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Give a component the name of the thing itself: what is shown is not an "output"."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Output")


def created(
    output: type[BaseSerializer[Any]], status: HTTPStatus
) -> dict[int, type[BaseSerializer[Any]] | OpenApiResponse]:
    """Give the answers of a POST with an Idempotency-Key: the first one, and those of repeats."""
    return {status: output, 200: OpenApiResponse(output, description=REPLAYED)}


def asked(name: str, value: Mapping[str, Any]) -> OpenApiExample:
    """Give an example of a body that is sent."""
    return OpenApiExample(name, value=value, request_only=True)


def answered(name: str, value: Mapping[str, Any], *statuses: int) -> OpenApiExample:
    """Give an example of an object that is answered. Lists wrap it in a page by themselves."""
    codes = [str(int(status)) for status in statuses or (200,)]
    return OpenApiExample(name, value=value, response_only=True, status_codes=codes)


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what holds for every operation: problems, headers, and what an object always has."""
    components = result["components"]
    components["responses"] = {name: _problem_response(text) for name, text in MEANINGS.items()}
    components["headers"] = HEADERS
    components["schemas"] |= PROBLEM_SCHEMAS
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _add_problems(operation, path, method)
            _add_headers(operation)
    for name, schema in components["schemas"].items():
        if name.endswith(("Input", "Changes")):
            schema["additionalProperties"] = False
        elif "properties" in schema and name not in PROBLEM_SCHEMAS:
            schema["required"] = list(schema["properties"])
    return result


@cache
def document() -> dict[str, Any]:
    """Give the description of the API, in English, made once for each process."""
    with translation.override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call] # of the library
        made = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        return plain(made)


def plain(description: Any) -> dict[str, Any]:
    """Turn lazy texts and tuples into what JSON has."""
    found: dict[str, Any] = json.loads(json.dumps(description, default=str))
    return found


def _problem_response(text: str) -> dict[str, Any]:
    content = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {"application/problem+json": content}}


def _add_problems(operation: dict[str, Any], path: str, method: str) -> None:
    expected = dict(ALWAYS)
    if operation.get("security"):
        expected |= WITH_KEY if {BearerKey.name: []} in operation["security"] else WITH_TOKEN
    has_body = method in {"post", "patch"}
    if "{" in path or has_body:
        expected |= WITH_ID_OR_BODY
    if has_body:
        expected |= WITH_BODY | WRITING
    for status, name in sorted(expected.items()):
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _add_headers(operation: dict[str, Any]) -> None:
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    for status, response in operation["responses"].items():
        if "$ref" in response:
            continue
        response["description"] = response["description"] or DESCRIPTIONS[status]
        headers = response.setdefault("headers", {})
        headers["X-Request-ID"] = {"$ref": "#/components/headers/RequestId"}
        if "Idempotency-Key" in names and status == "200":
            headers["Idempotent-Replayed"] = {"$ref": "#/components/headers/Replayed"}


DESCRIPTIONS = {
    "200": "As it is now.",
    "201": "It was made.",
    "202": "It was accepted, and is on its way.",
    "204": "It was noted.",
}
HEADERS = {
    "RequestId": {
        "description": "The id of this request: ours, or the one that you sent.",
        "schema": {"type": "string"},
    },
    "Replayed": {
        "description": "`true` where the request had been carried out before.",
        "schema": {"type": "string", "const": "true"},
    },
}
PROBLEM_SCHEMAS = {
    "Problem": {
        "type": "object",
        "description": "A refusal, as RFC 9457 has it.",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "A page that explains the code.",
                "examples": ["/docs/problems/more_than_owed/"],
            },
            "title": {"type": "string", "description": "The HTTP status in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "A sentence for a person."},
            "code": {"type": "string", "description": "Stable: what a program looks at."},
            "request_id": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/ProblemEntry"},
            },
        },
    },
    "ProblemEntry": {
        "type": "object",
        "description": "One field of the body, or one parameter, that is wrong.",
        "required": ["code", "detail"],
        "properties": {
            "pointer": {
                "type": "string",
                "description": "Where in the body: a JSON pointer (RFC 6901) as a fragment.",
                "examples": ["#/lines/0/quantity"],
            },
            "parameter": {"type": "string", "description": "Which query parameter."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
    },
}
