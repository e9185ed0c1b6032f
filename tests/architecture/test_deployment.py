"""No container engine runs here, so what the deployment files say is compared with the code."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.celery import app
from config.embedded import house

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image") == "kuitti"]
ONLY_FOR_COMPOSE = {"POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD"}
# Fixed by the image, or not for the application.
NOT_IN_COMPOSE = {"DATABASE_OWNER_URL", "STATIC_ROOT", "STATIC_FROM_SOURCE"}


def settings_read() -> set[str]:
    """Names of the environment that the settings ask for."""
    tree = ast.parse((ROOT / "config/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        str(ast.literal_eval(call.args[0]))
        for call in calls
        if re.fullmatch(r"env\.\w+|key_from_environment", ast.unparse(call.func))
        and isinstance(call.args[0], ast.Constant)
    }


def example_names() -> set[str]:
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE))


def test_the_example_names_every_setting_and_no_other() -> None:
    assert example_names() == settings_read() | ONLY_FOR_COMPOSE


def test_every_setting_of_the_example_has_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    settings = [line for line in lines if re.match(r"(# )?[A-Z][A-Z_]+=", line)]
    prose = [line for line in lines if line.startswith("# ") and line not in settings]

    assert len(prose) > len(settings) / 2


def test_every_process_of_ours_gets_every_setting() -> None:
    for name in OURS:
        missing = settings_read() - set(SERVICES[name]["environment"]) - NOT_IN_COMPOSE

        assert not missing, name


def test_only_the_migration_knows_the_owner() -> None:
    for name in OURS:
        knows = "OWNER_PASSWORD" in str(SERVICES[name]["environment"])

        assert knows == (name == "migrate"), name


def test_the_deployment_runs_the_processes_of_the_demo(tmp_path: Path) -> None:
    started = set(re.findall(r'self\.start\("(\w+)"', Path(house.__file__).read_text()))

    assert started == {"sandbox", "web", "worker", "beat"}
    assert started | {"postgres", "redis", "migrate"} == set(SERVICES)


def test_every_queue_is_served() -> None:
    routed = {route["queue"] for route in app.conf.task_routes.values()}
    served = next(part for part in SERVICES["worker"]["command"] if part.startswith("--queues"))

    assert set(served.removeprefix("--queues=").split(",")) == routed
    assert set(house.QUEUES.split(",")) == routed


@pytest.mark.parametrize("name", OURS)
def test_processes_are_confined(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER")]

    assert users == ["10001:10001"]


def test_the_image_copies_what_exists() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    sources = [
        source
        for line in text.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in shlex.split(line)[1:-1]
    ]

    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
