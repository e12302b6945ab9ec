"""A buyer of mass orders, and a service to order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from providers.models import Provider, Service
from tests.helpers.makers import (
    make_person,
    make_provider,
    make_service,
)


@pytest.fixture
def buyer() -> User:
    return make_person("orders.add_order", "orders.add_massorder")


@pytest.fixture
def provider() -> Provider:
    return make_provider(name="Main", balance=Decimal(100))


@pytest.fixture
def service(provider: Provider) -> Service:
    return make_service(provider, external_id="12")
