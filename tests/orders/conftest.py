"""People in front of the pages of orders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from orders.roles import ROLES
from tests.helpers.makers import make_person
from tests.helpers.pages import log_in


@pytest.fixture
def staff(db: None) -> Any:
    """Somebody with the role `staff`."""
    return make_person(*ROLES["staff"])


@pytest.fixture
def manager(db: None) -> Any:
    """Somebody with the role `manager`."""
    return make_person(*ROLES["manager"])


@pytest.fixture
def viewer(db: None) -> Any:
    """Somebody with the role `viewer`."""
    return make_person(*ROLES["viewer"])


@pytest.fixture
def as_staff(staff: Any) -> Client:
    """A browser in which `staff` is logged in."""
    return log_in(staff)


@pytest.fixture
def as_manager(manager: Any) -> Client:
    """A browser in which `manager` is logged in."""
    return log_in(manager)
