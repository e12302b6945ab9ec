"""Fixtures for the wire: a transport with short deadlines, accounts, and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from providers.client.client import Account
from providers.client.transport import Limits, Route, Transport
from providers.dialects import DIALECTS
from tests.providers.client.certificates import Authority

KEY = "c4n4ry-key-0123456789abcdef"
PATIENT = Limits(connect=10.0, paid=20.0, read=20.0)
HASTY = Limits(connect=0.5, paid=1.0, read=1.0)
SOON = 5.0
"""Seconds within which a hasty call is over, on a busy machine too; what it waits for would take longer."""


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Yield a transport that does not mind a busy machine."""
    made = Transport(limits=PATIENT)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Transport]:
    """Yield a transport that gives up within a second, for what would never end."""
    made = Transport(limits=HASTY)
    yield made
    made.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a CA for the whole run."""
    return Authority(tmp_path_factory.mktemp("certificates"))


def route_to(url: str, **changes: Any) -> Route:
    """Return a route that may lead to this machine."""
    return Route(**{"url": url, "keep_as": "panel", "user_agent": "PanelHub/test", "allow_private": True, **changes})


@pytest.fixture
def account() -> Callable[..., Account]:
    """Makes accounts: `account(url, dialect="smmvna", ...)`."""

    def make(url: str = "https://panel.example/api/v2", *, dialect: str = "standard", **changes: Any) -> Account:
        given = {"allow_private": True, **changes}
        return Account(name="panel", dialect=DIALECTS[dialect], api_url=url, api_key=KEY, **given)

    return make
