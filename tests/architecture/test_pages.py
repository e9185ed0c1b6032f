"""What the strict content policy and the readers of every page rely on."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "htmx's own scripting": re.compile(r"hx-on|hx-vals=[\"']js:|hx-trigger=[\"'][^\"']*\["),
    "a script of its own": re.compile(r"<script(?![^>]*(\bsrc=|application/json))", re.IGNORECASE),
    "another origin": re.compile(r"(src|href|action)=[\"'](https?:)?//", re.IGNORECASE),
}


TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    if "messages" in path.parts:  # letters are read in mail programs, not under our policy
        pytest.skip("a letter")

    markup = TAG.sub("", text)
    assert [what for what, pattern in INLINE.items() if pattern.search(markup)] == []


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        "<a hx-trigger='click[ctrlKey]'>",
        "<script>go()</script>",
        '<script src="//cdn.example/x.js"></script>',
    ],
)
def test_what_is_forbidden_would_be_seen(bad: str) -> None:
    assert any(pattern.search(bad) for pattern in INLINE.values())


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_built_sheet_was_made_of_the_sources_as_they_are(path: Path) -> None:
    digest = hashlib.sha256()
    for source in sorted((ROOT / "styles").glob("*.css")):
        digest.update(source.read_bytes())

    assert path.read_text().endswith(f"/* made of {digest.hexdigest()[:16]} */\n"), (
        "run `npm ci && npm run build` in styles/"
    )


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_sheet_loads_nothing_more(path: Path) -> None:
    assert "url(" not in path.read_text()
    assert "@import" not in path.read_text()


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_builds_no_code_and_no_markup_from_text(path: Path) -> None:
    forbidden = ("eval(", "new Function", "innerHTML", "outerHTML =", "document.write", "import(")

    assert [word for word in forbidden if word in path.read_text()] == []


def test_the_lock_file_names_no_host() -> None:
    assert '"resolved"' not in (ROOT / "styles" / "package-lock.json").read_text()


# Only what machines read is written otherwise: dates in addresses and in `datetime`.
FOR_MACHINES = re.compile(r"""\|date:["'](c|Y-m-d|Y)["']""")
DAYS_AND_TIMES = re.compile(r"""\|(date|time)\b(:["'][^"']*["'])?""")


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_page_writes_days_and_times_in_the_one_way_of_the_house(path: Path) -> None:
    text = FOR_MACHINES.sub("", path.read_text())

    assert [found.group() for found in DAYS_AND_TIMES.finditer(text)] == []


def test_only_one_module_knows_how_days_are_written() -> None:
    packages = ("core", "crm", "orders", "payments", "reporting", "training")
    modules = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    users = {name(path) for path in modules if "babel.dates" in path.read_text()}

    assert users == {"core/writing.py"}
