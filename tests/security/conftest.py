"""The administrator who is inside."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.security.people import somebody


@pytest.fixture
def administrator() -> User:
    return somebody("administrator")
