"""The tree looks like the plan of the house."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["config", "core", "crm", "orders", "payments", "reporting", "training"]
MODULES = sorted(
    path
    for folder in [*APPS, "tests", "bench"]
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "node_modules" not in path.parts
)
FORBIDDEN = {"utils", "helpers", "common", "managers", "signals", "misc", "selectors"}
LINES_AT_MOST = 400
LINES_OF_A_FUNCTION = 70


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_stays_readable(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]

    assert len(text.splitlines()) <= LINES_AT_MOST
    assert [
        node.name
        for node in functions
        if (node.end_lineno or node.lineno) - node.lineno >= LINES_OF_A_FUNCTION
    ] == []


def test_no_module_is_a_drawer() -> None:
    assert [name_of(path) for path in MODULES if path.stem in FORBIDDEN] == []


@pytest.mark.parametrize("app", ["core", "crm", "orders", "payments", "reporting", "training"])
def test_every_app_has_its_migrations_and_addresses(app: str) -> None:
    expected = ["__init__.py", "apps.py", "urls.py"]

    assert [name for name in expected if not (ROOT / app / name).exists()] == []


def test_every_folder_of_the_plan_exists() -> None:
    folders = [*APPS, "templates", "static", "tests", "payments/providers", "payments/sandbox"]

    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_nothing_imports_the_wiring() -> None:
    guilty = [
        name_of(path)
        for path in MODULES
        if path.relative_to(ROOT).parts[0] in set(APPS) - {"config"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "config"
    ]

    assert guilty == []
