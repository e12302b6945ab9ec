"""The same work for several providers side by side, so that a slow one holds up no one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

from django.db import connection

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_AT_ONCE: Final = 64


def for_each(items: Iterable[Item], work: Callable[[Item], Result]) -> list[tuple[Item, Result | Exception]]:
    """Do `work` for every item, several at once; return each with its result, or with the exception it ended in.

    Each thread has, and closes, a database connection of its own. Within a transaction that other connections could
    not see into (a test's, as a rule) the work is done one by one in this thread.
    """
    items = list(items)
    if connection.in_atomic_block or len(items) < 2:
        return [(item, _try(work, item)) for item in items]
    with ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, len(items)), thread_name_prefix="for each") as pool:
        # Each in a copy of what is bound here, so that its lines in the log carry the same id.
        begun = [pool.submit(copy_context().run, _try_in_thread, work, item) for item in items]
        return [(item, future.result()) for item, future in zip(items, begun, strict=True)]


def _try_in_thread(work: Callable[[Item], Result], item: Item) -> Result | Exception:
    try:
        return _try(work, item)
    finally:
        connection.close()


def _try(work: Callable[[Item], Result], item: Item) -> Result | Exception:
    try:
        return work(item)
    except Exception as error:
        return error
