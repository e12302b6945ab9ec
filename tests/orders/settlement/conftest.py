"""An account at the sandbox whose unconfirmed orders are settled."""

from __future__ import annotations

import pytest

from providers.models import Provider, Service
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service


@pytest.fixture
def account(box: Sandbox) -> tuple[Provider, Service]:
    """Return an account at a panel, and one of its services."""
    provider = join(box, "smmplus")
    return provider, list_service(provider, pick_service(box.panel("smmplus")))
