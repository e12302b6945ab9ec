"""The administrator who is inside."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.security.people import someone


@pytest.fixture
def administrator() -> User:
    return someone("administrator")
