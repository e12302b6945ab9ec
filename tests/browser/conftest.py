"""What the tests in a browser share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test starts at its own live server; the plugin's fixture of this name warns on this pytest."""
