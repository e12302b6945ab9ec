"""The rules of the house: imports one way, modules of a size that can be read, levels that are not crowded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("panelhub", "providers", "orders")
MOST_LINES = 300
MOST_MODULES = 20
# To be split along the seams that their own sections show. None is added, and one that became short is struck out.
STILL_LONG = {
    "orders/mass/services.py",
    "orders/mass/views.py",
    "orders/placement/validation.py",
    "providers/accounts/contexts.py",
    "providers/catalogue/sync.py",
}
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def modules() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def test_no_module_is_longer_than_can_be_read() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules()}

    assert len(lengths) > 300
    assert {name for name, length in lengths.items() if length > MOST_LINES} == STILL_LONG


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
