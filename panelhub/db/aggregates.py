"""Aggregates that Django lacks: exact sums of money, counts that stop at a cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.db.models import IntegerField, QuerySet, Subquery, Sum

EXACT: Final = Decimal("0.00000001")


class MoneySum(Sum):
    """A sum of amounts. SQLite adds them as floats; what that left behind is taken away again, to eight places."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        converters: list[Any] = super().get_db_converters(connection)
        return [*converters, _tidy] if connection.vendor == "sqlite" else converters


def _tidy(value: Any, expression: Any, connection: Any) -> Any:
    # Adding zero makes "0E+2" and the like plain again.
    return value.quantize(EXACT).normalize() + Decimal(0) if isinstance(value, Decimal) else value


CAP: Final = 1_000


class CappedCount(Subquery):
    """How many rows ``queryset`` has, counted up to one more than ``cap``; for use in an annotation."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"

    def __init__(self, queryset: QuerySet[Any], *, cap: int = CAP) -> None:
        super().__init__(queryset.order_by().values("pk")[: cap + 1], output_field=IntegerField())
