"""A panel of the sandbox whose orders are followed."""

from __future__ import annotations

import pytest

from providers.models import Provider
from providers.sandbox import Panel, Sandbox
from tests.helpers.at_sandbox import join


@pytest.fixture
def provider(box: Sandbox) -> Provider:
    return join(box, "smmplus")


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel
