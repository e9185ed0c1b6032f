"""The description of the API, taken apart for a page that people read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

METHODS = ("get", "post", "patch")
BRIEF = {"200", "201", "202", "204"}


# The words of a choice are listed under its own name; elsewhere their list is left out.
WORDS = re.compile(r"^\* `(.*?)` - (.*)$", re.MULTILINE)


class Kind(NamedTuple):
    """The type of a value in words, and the object it links to, if it is one."""

    words: str
    target: str = ""


class Member(NamedTuple):
    """A parameter, or a member of an object."""

    name: str
    kind: Kind
    is_required: bool
    text: SafeString
    place: str = ""


class Answer(NamedTuple):
    status: str
    words: str
    text: SafeString


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the API, with an example that can be pasted."""

    name: str
    method: str
    path: str
    title: str
    text: SafeString
    parameters: list[Member]
    members: list[Member]
    answers: list[Answer]
    curl: str
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    text: str
    operations: list[Operation] = field(default_factory=list)


class Shape(NamedTuple):
    """An object that is sent or answered, or a list of words."""

    name: str
    text: SafeString
    members: list[Member]
    words: list[tuple[str, str]]


def sections(document: dict[str, Any]) -> list[Section]:
    """Give the operations by what they are about, in the order of the description's tags."""
    found = {tag["name"]: Section(tag["name"], tag["description"]) for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = _operation(document, path, method)
                found[operations[method]["tags"][0]].operations.append(operation)
    return list(found.values())


def shapes(document: dict[str, Any]) -> list[Shape]:
    """Give every object by name."""
    schemas = document["components"]["schemas"]
    return [
        Shape(
            name,
            _text(schema),
            _members(schema),
            _words(schema),
        )
        for name, schema in sorted(schemas.items())
    ]


def _operation(document: dict[str, Any], path: str, method: str) -> Operation:
    described = document["paths"][path][method]
    body = _json(described.get("requestBody", {}))
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        title=described.get("summary", ""),
        text=_text(described),
        parameters=[_parameter(one) for one in described.get("parameters", [])],
        members=_members(_resolved(document, body.get("schema", {}))),
        answers=[_answer(document, *pair) for pair in sorted(described["responses"].items())],
        curl=_curl(path, method.upper(), described, _example(body)),
        example=_answered_example(described["responses"]),
    )


def _parameter(described: dict[str, Any]) -> Member:
    return Member(
        described["name"],
        _kind(described["schema"]),
        bool(described.get("required")),
        _text(described),
        described["in"],
    )


def _members(schema: dict[str, Any]) -> list[Member]:
    required = schema.get("required", [])
    return [
        Member(name, _kind(one), name in required, _text(one))
        for name, one in schema.get("properties", {}).items()
    ]


def _answer(document: dict[str, Any], status: str, response: dict[str, Any]) -> Answer:
    described = _resolved(document, response)
    return Answer(status, HTTPStatus(int(status)).phrase, _text(described))


def _text(described: dict[str, Any]) -> SafeString:
    """Write a description for the page: what stands between backticks is code."""
    bare = WORDS.sub("", described.get("description", "")).strip()
    pieces = ((piece, at % 2) for at, piece in enumerate(bare.split("`")))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", one) if code else one,) for one, code in pieces)
    )


def _words(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the words of a choice, each with its meaning where one is told."""
    told = dict(WORDS.findall(schema.get("description", "")))
    return [(str(word), told.get(str(word), "")) for word in schema.get("enum", [])]


def _kind(schema: dict[str, Any]) -> Kind:
    """Say in words what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Kind(name, name)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            kinds = [_kind(one) for one in schema[several]]
            return Kind(" or ".join(kind.words for kind in kinds), kinds[0].target)
    if schema.get("type") == "array":
        items = _kind(schema["items"])
        return Kind(f"list of {items.words}", items.target)
    return Kind(_plain_kind(schema))


def _plain_kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(word) for word in schema["enum"])
    types = schema.get("type", "any")
    words = types if isinstance(types, str) else " or ".join(types)
    named = {"date-time": "instant", "date": "day", "uri": "address", "binary": "file"}
    return named.get(schema.get("format", ""), words)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def _json(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content.get("content", {}).get("application/json", {})
    return found


def _example(content: dict[str, Any]) -> Any:
    return next((one["value"] for one in content.get("examples", {}).values()), None)


def _answered_example(responses: dict[str, Any]) -> str:
    for status in sorted(BRIEF & responses.keys(), reverse=True):
        if (example := _example(_json(responses[status]))) is not None:
            return json.dumps(example, indent=2, ensure_ascii=False)
    return ""


def _curl(path: str, method: str, described: dict[str, Any], body: Any) -> str:
    """Write the request for a terminal, where $KUITTI is the address and $KEY the API key."""
    lines = [f'curl "$KUITTI{path}"', '-H "Authorization: Bearer $KEY"']
    if method != "GET":
        lines.insert(1, f"-X {method}")
    if any(one["name"] == "Idempotency-Key" for one in described.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body is not None:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)
