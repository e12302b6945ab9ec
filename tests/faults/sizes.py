"""How much of a fault is tried: a sample in `make test`, its full size in `make torture`."""

from __future__ import annotations

import os
from typing import Final

FULL_SIZE: Final = bool(os.environ.get("PANELHUB_FULL_SIZE"))


def size(full: int, *, sample: int) -> int:
    """`full` where PANELHUB_FULL_SIZE is set, else `sample`."""
    return full if FULL_SIZE else sample
