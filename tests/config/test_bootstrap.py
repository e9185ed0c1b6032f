from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from config import bootstrap


def make_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_shim_that_leads_nowhere_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(tmp_path / "python3.13", "echo 'pyenv: command not found' >&2; exit 127")
    make_program(tmp_path / "python3.14", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))

    assert bootstrap.find_interpreter() == str(tmp_path / "python3.14")


def test_an_interpreter_of_pyenv_is_found_although_no_shim_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "versions" / "3.12.1" / "bin"
    home.mkdir(parents=True)
    make_program(home / "python3", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert bootstrap.find_interpreter() == str(home / "python3")


def test_an_old_interpreter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program(tmp_path / "python3", "echo 3.11")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert bootstrap.find_interpreter() is None


def test_without_network_it_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", str(tmp_path / "venv"))
    make_program(tmp_path / "uv", "echo 'dns error' >&2; exit 2")

    with pytest.raises(SystemExit) as ended:
        bootstrap.make_environment([str(tmp_path / "uv")], None)

    assert "offline?" in str(ended.value)
    assert "\n" not in str(ended.value)
    assert not (tmp_path / "venv").exists()


def test_nothing_is_done_while_the_lock_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "STAMP", str(tmp_path / "stamp"))
    (tmp_path / "stamp").write_text(bootstrap.lock_digest())

    assert bootstrap.is_current(bootstrap.lock_digest())
    assert not bootstrap.is_current("another lock")


@pytest.mark.parametrize("word", ["match ", ":=", "removeprefix", " | None"])
def test_the_script_runs_on_an_old_python(word: str) -> None:
    assert word not in Path(bootstrap.__file__).read_text()
