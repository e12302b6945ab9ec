"""Read the catalogue page."""

from __future__ import annotations

import re
from typing import Any

from orders.models import ServiceQuality
from providers.models import Service
from tests.helpers.pages import text_of


def row_of(response: Any, service: Service) -> str:
    found = re.search(rf'<tr id="service-{service.pk}".*?</tr>', text_of(response), re.DOTALL)
    assert found is not None
    return found[0]


def measure(service: Service, **figures: Any) -> None:
    ServiceQuality.objects.create(service=service, **({"orders": 10, "completed": 1.0} | figures))
