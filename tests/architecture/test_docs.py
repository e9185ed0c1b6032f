"""The documents tell what there is: nothing is left out, nothing is named that does not exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.management import get_commands

from config.celery import app as celery_app
from core import policy, problem_catalogue
from payments import postings
from payments.models import PaymentIntent
from payments.rail_words import REVIEW_REASONS
from tests.architecture.test_deployment import ONLY_FOR_COMPOSE, settings_read

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
APPS = {"config", "core", "crm", "orders", "payments", "reporting", "training"}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("styles/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
NODE_ID = re.compile(r"tests/[\w/]+\.py::test_\w+")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Made by the browser tests, which not every machine can run.
MADE_ELSEWHERE = {"docs/images/desk-light.png", "docs/images/pay-light.png"}
FIVE_PARTS = ["Context", "Decision", "Consequences", "Alternatives", "References"]


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text()


def rows_of(page: str) -> list[list[str]]:
    """Every row of every table of a page, as cells."""
    lines = [line for line in text_of(page).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def first_cells(page: str, pattern: str = r"`([^`]+)`") -> set[str]:
    """What stands in code at the beginning of the rows of a page."""
    found = (re.match(pattern, row[0]) for row in rows_of(page))
    return {match[1] for match in found if match}


def headings_of(page: str) -> list[str]:
    body = FENCE.sub("", text_of(page))
    return [match[1].strip("` ") for match in re.finditer(r"^#+ (.+)$", body, re.MULTILINE)]


def anchors_of(page: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings_of(page))
    return {heading.replace(" ", "-") for heading in plain}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


# Links and names


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in LINK.findall(FENCE.sub("", page.read_text())):
            if not re.match(r"[a-z]+:", target):
                yield name_of(page), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for _, target in (pair for pair in links() if pair[0] == name_of(page)):
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if there.is_relative_to(ROOT) and name_of(there) in MADE_ELSEWHERE:
            continue
        if not there.exists() or (anchor and anchor not in anchors_of(name_of(there))):
            broken.append(target)

    assert broken == []


def test_every_page_can_be_found_from_the_readme() -> None:
    found, waiting = set[str](), {"README.md"}
    while waiting:
        page = waiting.pop()
        found.add(page)
        targets = (target.partition("#")[0] for start, target in links() if start == page)
        reached = {(ROOT / page).parent.joinpath(target).resolve() for target in targets if target}
        waiting |= {name_of(one) for one in reached if one in PAGES} - found

    assert {name_of(page) for page in PAGES} - found == set()


def test_every_test_that_is_named_exists() -> None:
    named = {node for page in PAGES for node in NODE_ID.findall(page.read_text())}
    missing = []
    for node in sorted(named):
        path, _, test = node.partition("::")
        tests = (
            one.name
            for one in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
        )
        if test not in tests:
            missing.append(node)

    assert len(named) > 80
    assert missing == []


def test_tests_named_without_their_module_exist_too() -> None:
    every = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = {
        name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text()) if name
    }
    there = set(re.findall(r"def (test_\w+)", every))

    assert named - there == set()


# What there is


def test_every_setting_is_explained_and_no_other() -> None:
    assert first_cells("docs/settings.md") == settings_read() | ONLY_FOR_COMPOSE


def test_the_defaults_of_the_settings_are_those_of_the_example() -> None:
    example = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE))
    told = {row[0].strip("`"): row[1].strip("`") for row in rows_of("docs/settings.md")}
    differing = {name for name, default in example.items() if told[name] not in {default, "–"}}

    assert differing == set()
    assert {name for name, default in example.items() if default and told[name] == "–"} == set()


def test_every_make_target_is_explained_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))

    assert first_cells("docs/commands.md", r"`make ([a-z-]+)`") == targets


def test_the_documents_name_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    in_code = re.compile(r"(?:`|^)make ([a-z-]+)", re.MULTILINE)
    named = {target for page in PAGES for target in in_code.findall(page.read_text())}

    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_every_management_command_is_explained() -> None:
    ours = {name for name, owner in get_commands().items() if owner in APPS}

    assert ours - set(headings_of("docs/commands.md")) == set()


def test_every_task_is_explained_and_no_other() -> None:
    celery_app.autodiscover_tasks(force=True)
    ours = {name for name in celery_app.tasks if name.partition(".")[0] in APPS}
    told = {name for name in first_cells("docs/commands.md") if ".tasks." in name}

    assert told == ours


def test_every_task_stands_with_its_queue() -> None:
    queues = {row[0].strip("`"): row[1].strip("`") for row in rows_of("docs/commands.md")}
    tasks = [name for name in queues if ".tasks." in name]
    routed = {name: celery_app.amqp.router.route({}, name)["queue"].name for name in tasks}

    assert {name: queues[name] for name in tasks} == routed


def test_the_table_of_permissions_is_the_policy() -> None:
    header, *rows = [row for row in rows_of("docs/permissions.md") if len(row) == 7]
    roles = [name.replace(" ", "_").replace("administrator", "admin") for name in header[1:]]
    told = {
        (row[0].split("`")[1], role): cell == "yes"
        for row in rows
        for role, cell in zip(roles, row[1:], strict=True)
        if "`" in row[0]
    }
    held = {
        (str(permission), role): permission in policy.ROLES[role]
        for permission in policy.Permission
        for role in policy.ROLES
    }

    assert told == held


def test_every_provider_has_its_section() -> None:
    headings = headings_of("docs/adding-a-provider.md")

    assert [kind for kind in settings.PAYMENT_PROVIDERS if kind not in headings] == []


def test_the_files_of_a_provider_are_those_of_the_plainest_one() -> None:
    named = re.findall(
        r"`payments/providers/example/(\w+\.py)`", text_of("docs/adding-a-provider.md")
    )
    there = {path.name for path in (ROOT / "payments/providers/sandbox").glob("*.py")}

    assert set(named) <= there


def pairs() -> set[str]:
    """Every pair of accounts that something is posted between, without its number."""
    captured = postings.CapturedMoney(
        "cap", "EUR", "clearing", 7, captured=5, allocated={55: 5}, receivables={55: 7}
    )
    returned = postings.ReturnedMoney("re", "EUR", "clearing", 7, amount=5, lost=5)
    lines = [
        *postings.capture_lines([captured]),
        *postings.refund_lines([returned]),
        *postings.dispute_lines([returned]),
        *postings.invoice_lines("inv", "EUR", 7, [(2550, 4, 1)], sign=1),
    ]
    return {line.pair.partition(":")[0] for line in lines}


def test_every_posting_has_its_section() -> None:
    assert pairs() - set(headings_of("docs/ledger.md")) == set()


def test_every_kind_of_ledger_account_is_explained_and_no_other() -> None:
    source = text_of("payments/postings.py")
    codes = set(re.findall(r'account\(\s*"([a-z-]+)"', source))

    assert first_cells("docs/ledger.md", r"`([a-z-]+)`") == codes


def test_every_problem_code_is_in_the_document_of_the_api() -> None:
    named = set(re.findall(r"`([a-z_]+)`", text_of("docs/api.md")))

    assert {entry.code for entry in problem_catalogue.entries()} - named == set()


def test_every_reason_for_a_review_is_in_the_runbook() -> None:
    assert set(REVIEW_REASONS) - first_cells("docs/runbook.md") == set()


def test_every_status_of_a_payment_is_explained() -> None:
    text = text_of("docs/architecture.md")

    assert [status for status in PaymentIntent.Status.values if f"`{status}`" not in text] == []


# Records and lists


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("0*.md")), ids=name_of)
def test_every_decision_has_the_five_parts(page: Path) -> None:
    title, *parts = headings_of(name_of(page))

    assert parts == FIVE_PARTS
    assert int(title.partition(".")[0]) == int(page.name[:4])


@pytest.mark.parametrize(("letter", "count"), [("T", 62), ("I", 20), ("C", 32)])
def test_every_row_of_dependability_is_tested_or_says_why_not(letter: str, count: int) -> None:
    width = 1 if letter == "I" else 2
    rows = {row[0]: row for row in rows_of("docs/dependability.md")}

    for number in range(1, count + 1):
        *_, status, here = rows[f"{letter}-{number:0{width}}"]
        assert status in {"tested", "not yet"}
        assert len(here) > 12
        if status == "tested":
            assert "tests/" in here or "`make " in here


def test_every_story_from_elsewhere_names_its_thread() -> None:
    rows = [row for row in rows_of("docs/dependability.md") if row[0].startswith("T-")]

    assert [row[0] for row in rows if not re.search(r"[\w.-]+/[\w.-]+#\d+", row[2])] == []


@pytest.mark.parametrize("guide", ["agent", "supervisor"])
def test_the_guides_say_the_same_in_both_languages(guide: str) -> None:
    english, finnish = (
        FENCE.sub("", text_of(f"docs/guides/{guide}.{one}.md")) for one in ("en", "fi")
    )

    for mark in (r"^#+ ", r"^\| ", r"^\d\. "):
        counts = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, finnish)]
        assert counts[0] == counts[1]
    assert set(re.findall(r"`[^`]+`", english)) == set(re.findall(r"`[^`]+`", finnish))
