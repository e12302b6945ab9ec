"""A client whose answers come from memory: for rows that measure everything but the network and the budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock


@contextmanager
def answered(provider: Any, transport: Any, *doors: str) -> Iterator[None]:
    """Let whoever calls ``provider`` through one of ``doors`` (``module.calling``) hear ``transport.post`` instead."""
    from providers.calls.services import account_of
    from providers.client.client import PanelClient

    client = PanelClient(account_of(provider), transport=transport)

    @contextmanager
    def calling(*args: Any, **options: Any) -> Iterator[PanelClient]:
        yield client

    with ExitStack() as stack:
        for door in doors:
            stack.enter_context(mock.patch(door, calling))
        yield
