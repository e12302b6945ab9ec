"""The bench: every row can be measured, and what it patches is there."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest

from tests.bench.__main__ import ROWS

BENCH = Path(__file__).parent / "bench"


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_can_be_measured(name: str) -> None:
    module, size = ROWS[name]

    assert callable(importlib.import_module(module).run)
    assert size > 0


def _patched() -> list[str]:
    """List the dotted names that the bench puts something else in place of."""
    calls = [
        node
        for path in sorted(BENCH.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "mock.patch"
    ]
    return [str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)]


@pytest.mark.parametrize("dotted", _patched())
def test_what_a_row_patches_is_there(dotted: str) -> None:
    parts = dotted.split(".")
    owner: Any = None
    for end in range(len(parts), 0, -1):
        try:
            owner = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        break

    for part in parts[end:]:
        owner = getattr(owner, part)
