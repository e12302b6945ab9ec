"""Services at three panels of the sandbox."""

from __future__ import annotations

import pytest

from providers.models import Service
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service


@pytest.fixture
def services(box: Sandbox) -> dict[str, Service]:
    """A service at each of three providers, all rich."""
    made = {}
    for slug in ("smmplus", "smpanelim", "smmvna"):
        box.panel(slug).balance = 1_000_000
        made[slug] = list_service(join(box, slug), pick_service(box.panel(slug)))
    return made
