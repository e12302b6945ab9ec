"""What every template may show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def hub(request: HttpRequest) -> dict[str, Any]:
    return {}
