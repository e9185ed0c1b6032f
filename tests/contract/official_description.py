"""Stripe's own description of its API, as a judge of the requests our adapter sends.

It is read from beside the project, never copied into it.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from openapi_schema_validator import OAS30Validator

if TYPE_CHECKING:
    from tests.contract.fake_stripe_http import Seen

PLACE = Path(__file__).resolve().parents[3] / "shared/psp-specs/stripe/spec3-2023-08-16.yaml.gz"
FORM = "application/x-www-form-urlencoded"


def is_here() -> bool:
    return PLACE.exists()


@cache
def description() -> dict[str, Any]:
    with gzip.open(PLACE) as packed:
        loaded: dict[str, Any] = yaml.load(packed, Loader=yaml.CSafeLoader)
    return loaded


def violations(seen: Seen) -> list[str]:
    """Say what is wrong with a request by the official description."""
    operation = _operation(seen.method.lower(), seen.path)
    if operation is None:
        return [f"{seen.method} {seen.path} is not described"]
    if seen.method == "GET":
        allowed = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        return [f"{name} is not a parameter" for name in seen.data if name not in allowed]
    schema = operation["requestBody"]["content"][FORM]["schema"]
    data = typed(seen.data, schema)
    errors = OAS30Validator(schema).iter_errors(data)
    return [f"{seen.path} {'.'.join(map(str, e.path))}: {e.message}" for e in errors]


def typed(value: Any, schema: dict[str, Any]) -> Any:
    """Give a form's strings the types the schema wants; what fits none stays a string."""
    for option in schema.get("anyOf", ()):
        candidate = typed(value, option)
        if OAS30Validator(option).is_valid(candidate):
            return candidate
    kind = schema.get("type")
    if isinstance(value, dict):
        if kind == "array":
            return [typed(one, schema["items"]) for one in value.values()]
        known = schema.get("properties", {})
        return {name: typed(one, known.get(name, {})) for name, one in value.items()}
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value


def _operation(method: str, path: str) -> dict[str, Any] | None:
    # A fixed path (`search`) is meant before one with a name in it.
    for template, item in sorted(description()["paths"].items(), key=lambda one: "{" in one[0]):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if method in item and re.fullmatch(pattern, path):
            operation: dict[str, Any] = item[method]
            return operation
    return None
