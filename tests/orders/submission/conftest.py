"""A panel of the sandbox that orders are sent to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orders.submission.call_types import CALL_TYPES
from providers.models import Service
from providers.sandbox import Panel, Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "smmplus"), pick_service(panel))


@pytest.fixture
def _nothing_left_on_the_wire() -> Iterator[None]:
    yield
    for kind in CALL_TYPES:
        assert not kind.model.objects.filter(status="sending", claim__isnull=True).exists()
