"""P8: `manage.py run` with nothing to do: how soon it serves, and what it takes of processor and memory.

The processes are real ones on a folder of their own. Memory is the proportional share of each (PSS), the supervisor's
included. Only on SQLite: the embedded hub is what is measured.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from django.db import connection

from tests.bench.harness import Row

ROOT: Final = Path(__file__).resolve().parents[2]
QUIET_AFTER: Final = 15.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _PARENT = 13, 14, 3


def run(size: int) -> list[Row]:
    """Measure for ``size`` seconds; nothing on a database server."""
    if connection.vendor != "sqlite":
        return []
    rows = []
    with tempfile.TemporaryDirectory(prefix="panelhub-bench-") as first:
        # The first start makes the database and says so; the one that counts is any later one.
        for is_first in (True, False):
            rows.extend(_measure(first, seconds=size, is_first=is_first))
    return rows


def _measure(folder: str, *, seconds: int, is_first: bool) -> list[Row]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "LOG_LEVEL"}}
    environment |= {"PANELHUB_VAR": folder, "SANDBOX": "0", "PORT": str(port)}
    began = time.perf_counter()
    hub = subprocess.Popen([sys.executable, "manage.py", "run"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        started = time.perf_counter() - began
        when = "with a new database" if is_first else "again"
        rows = [Row("P8", f"serving after a start {when}", "≤ 5 s", "", f"{started:.1f} s", "", started <= 5)]
        if is_first:
            return rows
        time.sleep(QUIET_AFTER)
        before = _cpu(hub.pid)
        time.sleep(seconds)
        share = (_cpu(hub.pid) - before) / seconds
        memory = sum(_pss(pid) for pid in _family(hub.pid))
        return [
            *rows,
            Row("P8", f"processor, idle for {seconds} s", "≤ 1 % of a core", "", f"{share:.2%}", "", share <= 0.01),
            Row("P8", "memory of all processes", "≤ 250 MB", "", f"{memory / 1e6:.0f} MB", "", memory <= 250e6),
        ]
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/login/")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("The hub did not start.")


def _family(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(path.parent.name)] = int(_stat(int(path.parent.name))[_PARENT])
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text()
    return [str(pid), "", *text.rpartition(")")[2].split()]


def _cpu(pid: int) -> float:
    total = 0.0
    for member in _family(pid):
        with suppress(OSError):
            figures = _stat(member)
            total += (int(figures[_USER]) + int(figures[_SYSTEM])) / _TICKS
    return total


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
