"""Waiting for something that another process or thread does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found | None], *, seconds: float = 20.0, what: str = "") -> Found:
    """Return the first true value of `look()`; fail, saying `what` was waited for, when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:g} s in vain for {what or look}.")
        time.sleep(0.05)
