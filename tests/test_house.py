"""The rules of the house: imports one way, modules of a size that can be read, levels that are not crowded."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("panelhub", "providers", "orders")
MOST_LINES = 300
MOST_MODULES = 20
LEAST_LINES = 40
# Django, Celery or the layout wants these by name, however little there is in them.
SHORT_NAMES = {
    *("__init__.py", "admin.py", "apps.py", "navigation.py", "schedule.py"),
    *("tasks.py", "urls.py", "views.py", "wsgi.py"),
}
# One thing each, for callers in several modules. None is added without a reason; one that grew is struck out.
MAY_BE_SHORT = {
    "orders/links/backfill.py",
    "orders/polling/command.py",
    "panelhub/background/command.py",
    "panelhub/db/aggregates.py",
    "panelhub/db/ids.py",
    "panelhub/db/indexes.py",
    "panelhub/db/unions.py",
    "panelhub/http/static_files.py",
    "panelhub/launcher/first_admin.py",
    "panelhub/launcher/startup.py",
    "panelhub/models/handed_password.py",
    "panelhub/models/list_columns.py",
    "panelhub/monitoring/probes.py",
    "providers/intervals.py",
    "providers/models/base.py",
    "providers/models/service_names/units.py",
}
# What Django wants, or the roof.
UNDRAWN = {"management", "migrations", "templatetags", "models", "settings"}
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def modules() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def test_no_module_is_longer_than_can_be_read() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules()}

    assert len(lengths) > 300
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_module_is_too_short_to_be_one() -> None:
    short = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if len(path.read_text().splitlines()) < LEAST_LINES
        and path.name not in SHORT_NAMES
        and path.parent.name not in ("commands", "views")
    }

    assert short == MAY_BE_SHORT


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_files_that_are_there(document: str) -> None:
    named = set(
        re.findall(r"`((?:panelhub|orders|providers|tests|docs|scripts|deploy|templates)/[\w./-]*)`", _read(document))
    )

    assert len(named) > 5 or document == "README.md"
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_map_names_every_folder() -> None:
    drawn = _read("README.md").split("```\npanelhub/ ")[1].split("```")[0]
    for app in APPS:
        folders = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")}
        missing = folders - UNDRAWN - set(re.findall(r"\w+", drawn))
        assert missing == set(), f"{app}: {missing}"


def _read(document: str) -> str:
    return (ROOT / document).read_text()


def test_no_level_is_crowded() -> None:
    levels: dict[str, int] = {}
    for path in modules():
        if path.name != "__init__.py":
            level = path.parent.relative_to(ROOT).as_posix()
            levels[level] = levels.get(level, 0) + 1

    assert {level: count for level, count in levels.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("panelhub/ui/badges.py", "from orders import statuses", "The ground knows no domain"),
        ("providers/models/service.py", "from orders.models import Order", "The ground knows no domain"),
        ("orders/placement/pricing.py", "from orders.submission import services", "Orders: one way down"),
        ("providers/client/client.py", "from providers.calls import services", "Providers: one way down"),
        ("providers/sandbox/panel.py", "from providers.dialects import DIALECTS", "The sandbox shares nothing"),
    ],
)
def test_a_broken_contract_fails(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / module
    path.touch()
    path.write_text(f"{path.read_text()}\n{line}\n")

    done = subprocess.run([sys.executable, "-c", LINT], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract}" in done.stdout
    assert "BROKEN" in next(row for row in done.stdout.splitlines() if row.startswith(contract))
