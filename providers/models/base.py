"""What models of providers share."""

from __future__ import annotations

from typing import Any

MONEY: dict[str, Any] = {"max_digits": 30, "decimal_places": 10}
