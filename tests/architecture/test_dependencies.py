"""What is installed is what the project promises to work with; no lock names a host."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DECLARED = [
    Requirement(line)
    for line in [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


@pytest.mark.parametrize("requirement", DECLARED, ids=lambda requirement: requirement.name)
def test_every_dependency_has_a_lower_bound_that_is_met(requirement: Requirement) -> None:
    bounds = [specifier for specifier in requirement.specifier if specifier.operator == ">="]

    assert len(bounds) == 1
    assert requirement.specifier.contains(version(requirement.name))


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]

    assert packages
    assert [line for line in packages if "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("requirement", DECLARED, ids=lambda requirement: requirement.name)
def test_the_lock_holds_what_is_installed(requirement: Requirement) -> None:
    text = (ROOT / "requirements-dev.txt").read_text()
    locked = re.search(rf"^{re.escape(requirement.name)}==(\S+)", text, re.MULTILINE)

    assert locked is not None
    assert locked[1] == version(requirement.name)
