"""Rules that the tests themselves keep: no test imports another, and a file is short enough to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LONGEST = 400


def find_imported_tests(source: str) -> Iterator[str]:
    """Yield each module of tests that a source imports, whole or in part."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}.{name}" for name in names]
        for name in names:
            parts = name.split(".")
            if any(part.startswith("test_") for part in parts) and parts[0] in ("tests", ""):
                yield name


def test_no_test_imports_another_test() -> None:
    found = [f"{path.relative_to(ROOT)}: {name}" for path in FILES for name in find_imported_tests(path.read_text())]

    assert found == [], "what tests share belongs in tests/helpers or in a conftest.py"


def test_no_file_is_too_long_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}

    long = {name: lines for name, lines in lengths.items() if lines > LONGEST}
    assert long == {}, "split it along its sections, by what the tests are about"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from tests.orders.test_roles import make", ["tests.orders.test_roles.make"]),
        ("from tests.orders import test_roles", ["tests.orders.test_roles"]),
        ("import tests.orders.test_roles as roles", ["tests.orders.test_roles"]),
        ("def f():\n    from .test_roles import make", [".test_roles.make"]),
        ("from tests.helpers.makers import make_order", []),
        ("from django.test import Client\nimport pytest", []),
    ],
)
def test_an_import_of_a_test_is_found(source: str, found: list[str]) -> None:
    assert list(find_imported_tests(source)) == found
