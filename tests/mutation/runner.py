"""Run the tests of a module on each mutant, in a copy of the project: nothing here is ever changed.

A mutant is a fork of a process that has imported the libraries, which takes most of the time of a start.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from tests.mutation.plugin import Selection, Tracer

ROOT: Final = Path(__file__).resolve().parents[2]
OWN: Final = ("panelhub", "providers", "orders", "tests", "conftest")
# They look at Django's settings, or want to be imported by pytest.
NOT_BEFORE: Final = (
    "django.contrib",
    "axes",
    "django_otp",
    "_hypothesis",
    "django_filters",
    "csp",
    "pytest_",
    "whitenoise",
)
OPTIONS: Final = (
    *("-x", "-q", "--assert=plain", "--tb=line", "-m", "not long", "-p", "no:cacheprovider"),
    *("-p", "no:xdist", "-p", "no:playwright"),
)
LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv", "var", ".*_cache", ".hypothesis", "node_modules", "test-results"
)
MIGRATE: Final = """
from pathlib import Path
import django
django.setup()
from tests.helpers.databases import drop_database, make_database
make_database(Path())
drop_database()
"""
LEAST_SECONDS: Final = 60.0
# A test that waits longer than this would be run for every mutant that the others do not notice.
LONGEST_TEST: Final = 12.0
# The quickest tests of a statement are run up to this: what they miss, a hundred more of the same kind miss too.
MOST_SECONDS: Final = 40.0


class BrokenError(Exception):
    """The tests fail without any change."""


class Bench:
    """A copy of the project with its database, on which the tests of one module are run again and again."""

    def __init__(self, module: str, files: tuple[str, ...]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="panelhub-mutation-"))
        self.tree = self.folder / "tree"
        shutil.copytree(ROOT, self.tree, ignore=LEFT_OUT)
        self.path = self.tree / module
        self.source = self.path.read_text()
        # A name may be that of tests which are still to be written.
        self.files = tuple(file for file in files if (self.tree / file).exists())
        self.lines: dict[str, set[int]] = {}
        self.seconds: dict[str, float] = {}
        # Bytecode is taken for that of a mutant when it is as long and made in the same second.
        for compiled in self.path.parent.glob(f"__pycache__/{self.path.stem}.*.pyc"):
            compiled.unlink()
        self.environment = {**os.environ, "PANELHUB_TESTS_DATABASE": str(self.folder / "migrated.sqlite3")}

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def trace(self) -> None:
        """Run the tests as they are; remember what each reaches, and import what they imported for what follows."""
        report = self.folder / "report.json"
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        subprocess.run([sys.executable, "-c", MIGRATE], cwd=self.tree, env=environment, check=True)
        passed, output = self._fork([*OPTIONS, *self.files], Tracer(self.path, report), 1_800)
        if not passed:
            raise BrokenError(output)
        found = json.loads(report.read_text())
        self.lines = {test: set(lines) for test, lines in found["lines"].items()}
        self.seconds = {test: seconds for test, seconds in found["seconds"].items() if seconds < LONGEST_TEST}
        for name in found["modules"]:
            if name.split(".")[0] not in OWN and not name.startswith(NOT_BEFORE):
                with suppress(Exception):
                    importlib.import_module(name)

    def find_tests(self, start: int, end: int) -> list[str]:
        """Return the tests that run a statement, the quickest first; all of them for what runs on import."""
        wanted = _find_statement(self.source, start, end)
        if wanted is not None and wanted & self.lines.get("", set()):
            wanted = None
        reaching = (
            self.seconds if wanted is None else {test for test in self.seconds if wanted & self.lines.get(test, set())}
        )
        ordered = sorted(reaching, key=lambda test: (self.seconds[test] // 0.1, test))
        spent = accumulate(self.seconds[test] for test in ordered)
        return [test for test, sum_so_far in zip(ordered, spent, strict=True) if sum_so_far < MOST_SECONDS]

    def survives(self, mutated: str, tests: list[str]) -> bool:
        """Whether all of these tests pass on a changed module."""
        if not tests:
            return True
        try:
            ast.parse(mutated)
        except SyntaxError:
            return False
        self.path.write_text(mutated)
        files = sorted({test.split("::")[0] for test in tests})
        try:
            limit = LEAST_SECONDS + 5 * sum(self.seconds[test] for test in tests)
            return self._fork([*OPTIONS, *files], Selection(tests), limit)[0]
        finally:
            self.path.write_text(self.source)

    def _fork(self, arguments: list[str], plugin: Any, limit: float) -> tuple[bool, str]:
        output = self.folder / "output.txt"
        child = os.fork()
        if not child:
            os.environ.update(self.environment)
            _become_pytest(self.tree, output, arguments, plugin)
        ends = time.monotonic() + limit
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > ends:
                with suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return False, "out of time"
            time.sleep(0.02)
        # What a test started and did not end.
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(status) == 0, output.read_text(errors="replace")


def _become_pytest(tree: Path, output: Path, arguments: list[str], plugin: Any) -> None:
    os.setsid()
    code = 70
    try:
        with output.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        sys.stdout, sys.stderr = (io.TextIOWrapper(os.fdopen(number, "wb", 0), write_through=True) for number in (1, 2))
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        os.chdir(tree)
        sys.path[:] = [str(tree), *(entry for entry in sys.path if Path(entry or ".").resolve() not in (ROOT, tree))]
        for name in [name for name in sys.modules if name.split(".")[0] in OWN]:
            del sys.modules[name]
        import pytest

        if isinstance(plugin, Tracer):
            plugin.start()
        code = int(pytest.main(arguments, plugins=[plugin]))
    finally:
        os._exit(code)


def _find_statement(source: str, start: int, end: int) -> set[int] | None:
    """Return the lines of the statement, or of its head, that holds these lines; None outside of functions."""
    found: set[int] | None = None
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for function in functions:
        for node in ast.walk(function):
            if node is function or not isinstance(node, (ast.stmt, ast.ExceptHandler)):
                continue
            last = node.end_lineno or node.lineno
            body = getattr(node, "body", None)
            if isinstance(body, list) and body:
                last = max(node.lineno, body[0].lineno - 1)
            if node.lineno <= start and end <= last:
                found = set(range(node.lineno, last + 1))
    return found
