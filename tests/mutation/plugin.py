"""What pytest does for a run of mutants: notes which test reaches which line, and runs only those that reach one."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest


class Tracer:
    """Write which lines of a module each test runs, how long it takes, and which modules were imported."""

    def __init__(self, module: Path, report: Path) -> None:
        self.module = str(module)
        self.report = report
        self.now = ""
        self.lines: dict[str, set[int]] = {}
        self.seconds: dict[str, float] = {}

    def start(self) -> None:
        """Note from here on; what runs before the first test runs on import."""
        threading.settrace(self._trace)
        sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, _arg: object) -> Any:
        if frame.f_code.co_filename != self.module:
            return None
        self.lines.setdefault(self.now, set()).add(frame.f_lineno)
        return self._trace

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.now = item.nodeid
        began = time.perf_counter()
        yield
        self.seconds[item.nodeid] = time.perf_counter() - began

    def pytest_sessionfinish(self) -> None:
        modules = [name for name, module in list(sys.modules.items()) if getattr(module, "__file__", None)]
        found = {
            "lines": {test: sorted(lines) for test, lines in self.lines.items()},
            "seconds": self.seconds,
            "modules": modules,
        }
        self.report.write_text(json.dumps(found))


class Selection:
    """Run these tests alone, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.places = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.places), key=lambda item: self.places[item.nodeid]
        )
