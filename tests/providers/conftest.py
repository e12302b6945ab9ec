"""What the tests of providers share."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from tests.providers.panels import PlainPanel


@pytest.fixture
def panel(httpserver: HTTPServer) -> PlainPanel:
    """Return a panel over real HTTP whose answers the test lays down."""
    return PlainPanel(httpserver)
