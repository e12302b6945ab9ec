"""What the tests of the catalogue share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.helpers.pages import log_in


@pytest.fixture
def browser(staff: Any) -> Client:
    return log_in(staff)
