"""By how much a process grows while it does a piece of work: measured in a fresh one, by what the kernel says."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def peak_growth(prepare: str, *arguments: Any) -> int:
    """Return bytes that a new process has at its highest above what it had before the work.

    ``prepare`` names (``module:function``) what is called with ``arguments``, unmeasured, and returns the work.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(theirs, prepare, arguments))
    child.start()
    theirs.close()
    try:
        return int(ours.recv())
    finally:
        child.join()


def _measure(pipe: Any, prepare: str, arguments: tuple[Any, ...]) -> None:
    import django

    django.setup()
    module, _colon, name = prepare.partition(":")
    work: Callable[[], Any] = getattr(importlib.import_module(module), name)(*arguments)
    with suppress(OSError):
        _CLEAR.write_text(_RESET_PEAK)
    before = _read("VmRSS")
    work()
    pipe.send(_read("VmHWM") - before)


def _read(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)
