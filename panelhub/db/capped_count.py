"""Counts that end at a cap: nobody reads the difference between 40,000 and 40,001, and counting them is slow."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import IntegerField, QuerySet, Subquery

CAP: Final = 1_000


class CappedCount(Subquery):
    """How many rows ``queryset`` has, counted up to one more than ``cap``; for use in an annotation."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"

    def __init__(self, queryset: QuerySet[Any], *, cap: int = CAP) -> None:
        super().__init__(queryset.order_by().values("pk")[: cap + 1], output_field=IntegerField())
