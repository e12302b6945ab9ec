"""Every numbered control has its tests, and they exist."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.security.numbered import CONTROLS

ROOT = Path(__file__).resolve().parents[2]


@cache
def names_in(file: str) -> frozenset[str]:
    """Names of the tests of a file, those in classes too."""
    tree = ast.parse((ROOT / file).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in names if name.startswith("test_"))


def test_none_is_left_out() -> None:
    assert list(CONTROLS) == [f"S{number}" for number in range(1, 30)]


@pytest.mark.parametrize("control", CONTROLS)
def test_its_tests_exist(control: str) -> None:
    for name in CONTROLS[control]:
        file, _colons, test = name.partition("::")
        assert names_in(file), file
        assert not test or test in names_in(file), name
