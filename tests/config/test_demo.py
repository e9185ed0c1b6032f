from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import IO

import pytest

from config.embedded.house import ROOT, free_port


@pytest.mark.timeout(240)
def test_the_demo_starts_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port(18_100)
    demo = subprocess.Popen(
        [
            *(sys.executable, "-m", "config.demo", "--port", str(port)),
            *("--home", str(tmp_path), "--customers", "20"),
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=_environment_of_a_new_user(),
        text=True,
    )
    assert demo.stdout is not None

    said = _read_until_ready(demo.stdout)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        health = answer.status
    demo.send_signal(signal.SIGINT)
    demo.communicate()

    assert said[-1] == f"ready: http://127.0.0.1:{port}/\n"
    assert sum(line.startswith("login: ") for line in said) == 6
    assert any(line.startswith("API key: kui_") for line in said)
    assert health == 200
    assert demo.returncode == 0
    assert _processes_naming(str(tmp_path)) == []


def _environment_of_a_new_user() -> dict[str, str]:
    """Nothing of what the tests were told about their servers and keys."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _read_until_ready(output: IO[str]) -> list[str]:
    lines: list[str] = []
    for line in output:
        lines.append(line)
        if line.startswith("ready: "):
            break
    return lines


def _processes_naming(text: str) -> list[str]:
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(path.read_text().replace("\0", " "))
        except OSError:
            continue
    return [command for command in commands if text in command]
