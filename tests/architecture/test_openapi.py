"""The API and what is written of it are the same."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client

from config.management.commands.describe_api import texts
from core import openapi, problem_catalogue
from tests.api import validator_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[2] / "docs"
WITHOUT_EXAMPLE = {"retrieve_invoice_pdf"}
WITHOUT_KEY = {
    *("done_task", "withdraw_promise", "withdraw_instalment_plan"),
    *("cancel_order", "create_message_delivery"),
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in openapi.document()["paths"].items():
        for method, operation in found.items():
            yield method, path, operation


OPERATIONS = [pytest.param(*one, id=one[2]["operationId"]) for one in operations()]


@pytest.mark.parametrize("name", ["openapi.json", "api.md"])
def test_what_is_committed_is_what_the_code_says(name: str) -> None:
    assert texts()[name] == (DOCS / name).read_text(), "run `make schema`"


def test_the_description_is_made_without_a_warning_and_is_valid(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the validator's own imports
        call_command(
            "spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml")
        )


def test_everybody_may_read_the_description() -> None:
    response = Client().get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == openapi.document() == json.loads((DOCS / "openapi.json").read_text())


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_operation_says_what_it_does_and_how_it_looks(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"]
    assert len(operation["tags"]) == 1
    assert {"422", "503"} <= operation["responses"].keys()
    for parameter in operation.get("parameters", []):
        assert parameter.get("description") or parameter["in"] == "path" or parameter["schema"]
    if operation["operationId"] not in WITHOUT_EXAMPLE:
        assert list(examples(operation)), f"{method} {path}"


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_example_is_what_its_schema_allows(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    for schema, example in examples(operation):
        errors = [error.message for error in validator_of(schema).iter_errors(example)]
        assert errors == [], f"{method} {path}"


def examples(operation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    contents = [operation.get("requestBody", {}), *operation["responses"].values()]
    for content in contents:
        for described in content.get("content", {}).values():
            for example in described.get("examples", {}).values():
                yield described["schema"], example["value"]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_a_post_asks_for_an_idempotency_key_unless_it_is_safe_to_repeat(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    named = {parameter["name"] for parameter in operation.get("parameters", [])}
    needs_one = method == "post" and operation["operationId"] not in WITHOUT_KEY

    assert ("Idempotency-Key" in named) is needs_one, path


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))


def test_every_code_has_its_row_and_its_page() -> None:
    guide = (DOCS / "api.md").read_text()
    client = Client()

    assert len(problem_catalogue.entries()) > 40
    for entry in problem_catalogue.entries():
        page = client.get(f"/docs/problems/{entry.code}/")
        assert f"| `{entry.code}` | {entry.status} |" in guide
        assert page.status_code == 200
        assert entry.code in page.content.decode()
    assert client.get("/docs/problems/").status_code == 200
    assert client.get("/docs/problems/no_such_code/").status_code == 404


def test_the_reference_shows_every_operation_and_object() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()

    assert response.status_code == 200
    for _, path, operation in operations():
        assert f'id="{operation["operationId"]}"' in page
        assert path in page
    for name in openapi.document()["components"]["schemas"]:
        assert f'id="object-{name}"' in page


def test_the_reference_loads_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = Client().get("/api/v1/docs/").content.decode()

    assert "<script" not in page
    assert "style=" not in page
    assert 'src="http' not in page
