"""A sandbox on a free port whose simulated time stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from providers.sandbox import Sandbox
from tests.sandbox.calling import Buyer

START = 1_900_000_000.0


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Yield all panels; no ids go to other customers, so that numbers can be foretold."""
    with Sandbox(clock=lambda: START, neighbours=0) as sandbox:
        yield sandbox


@pytest.fixture
def buyer_at(box: Sandbox) -> Callable[[str], Buyer]:
    """Return a buyer at the panel of a slug."""
    return lambda slug: Buyer(box, slug)


@pytest.fixture
def buyer(box: Sandbox) -> Buyer:
    """Return a buyer at a panel that does all but sell products."""
    return Buyer(box, "smmplus")
