"""Fixtures for the wire: a transport with short deadlines, accounts, and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from providers.dialects import DIALECTS
from providers.wire.client import Account
from providers.wire.transport import Limits, Route, Transport
from tests.providers.wire.certificates import Authority

KEY = "c4n4ry-key-0123456789abcdef"
LIMITS = Limits(connect=0.5, paid=1.0, read=1.0)


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport that gives up within a second."""
    made = Transport(limits=LIMITS)
    yield made
    made.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA for the whole run."""
    return Authority(tmp_path_factory.mktemp("certificates"))


def route_to(url: str, **changes: Any) -> Route:
    """A route that may lead to this machine."""
    return Route(**{"url": url, "keep_as": "panel", "user_agent": "PanelHub/test", "allow_private": True, **changes})


@pytest.fixture
def account() -> Callable[..., Account]:
    """Makes accounts: `account(url, dialect="smmvna", ...)`."""

    def make(url: str = "https://panel.example/api/v2", *, dialect: str = "standard", **changes: Any) -> Account:
        given = {"allow_private": True, **changes}
        return Account(name="panel", dialect=DIALECTS[dialect], api_url=url, api_key=KEY, **given)

    return make
