"""The units, the compose file and the document of settings agree with each other and with the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.documents import (
    PROCESSES,
    ROOT,
    UNITS,
    read_commands,
    read_setting_names,
    read_unit_command,
)

HIGHEST_EXPOSURE = 4.0
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
# Of tests, of `make run`, and of the image, which has its folder.
NOT_FOR_PRODUCTION = {"DEBUG", "PANELHUB_ALLOW_PRIVATE_PROVIDERS", "PANELHUB_VAR"}
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")


def analyze(verb: str, unit: Path) -> subprocess.CompletedProcess[str]:
    options = ["--offline=true"] if verb == "security" else []
    return subprocess.run(
        ["systemd-analyze", verb, *options, str(unit)], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(params=UNITS, ids=lambda unit: unit.stem)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a unit with a program that is there, as in /opt/panelhub after an installation."""
    text = request.param.read_text("utf-8").replace("/opt/panelhub/.venv/bin/python", sys.executable)
    copy: Path = tmp_path / request.param.name
    copy.write_text(text)
    return copy


@needs_systemd
def test_units_are_valid(unit: Path) -> None:
    done = analyze("verify", unit)

    assert done.returncode == 0, done.stderr
    assert not done.stderr


@needs_systemd
def test_units_give_a_process_little(unit: Path) -> None:
    (found,) = re.findall(r"Overall exposure level for .*: ([0-9.]+)", analyze("security", unit).stdout)

    assert float(found) < HIGHEST_EXPOSURE


def test_the_document_the_units_and_compose_start_the_same_processes() -> None:
    commands = read_commands()
    assert tuple(commands) == PROCESSES
    by_units = [" ".join(read_unit_command(unit)).removeprefix("/opt/panelhub/") for unit in UNITS]
    by_compose = [service.get("command", "") for service in COMPOSE["services"].values()]
    for command in commands.values():
        assert any(found.startswith(command) for found in by_units)
        bare = command.removeprefix(".venv/bin/").replace("127.0.0.1:8000", "0.0.0.0:8000")
        assert bare in by_compose


def test_compose_passes_every_documented_setting() -> None:
    passed = set(COMPOSE["x-hub"]["environment"])

    assert set(read_setting_names()) - {"PANELHUB_VAR"} <= passed
    assert passed <= set(read_setting_names())


def test_every_setting_that_the_code_reads_is_documented() -> None:
    read = {
        name
        for file in (ROOT / "panelhub" / "settings").glob("*.py")
        for name in re.findall(r"(?:read_\w+|_read|_number)\(\s*env, \"([A-Z_]+)\"", file.read_text("utf-8"))
    }

    assert len(read) > 20
    assert read - NOT_FOR_PRODUCTION <= set(read_setting_names())
