"""Validate what a person typed."""

from __future__ import annotations

from typing import Any

import pytest

from orders.placement.validation import OrderInvalid, check_order
from providers.models import Service
from tests.helpers.makers import make_service


def service_of(slug: str, **fields: Any) -> Service:
    return make_service(type=slug, **fields)


def faults(service: Service, fields: dict[str, Any], **options: Any) -> dict[str, list[str]]:
    with pytest.raises(OrderInvalid) as caught:
        check_order(service, fields, **options)
    return caught.value.errors
