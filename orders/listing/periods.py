"""Name periods of days for the filter of a list: today, the last seven days, this month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

Span = tuple[date, date]


def _days(count: int, *, ago: int = 0) -> Callable[[date], Span]:
    return lambda today: (today - timedelta(days=count - 1 + ago), today - timedelta(days=ago))


def _last_month(today: date) -> Span:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


PERIODS: Final[Mapping[str, tuple[Any, Callable[[date], Span]]]] = {
    "today": (_("Today"), _days(1)),
    "yesterday": (_("Yesterday"), _days(1, ago=1)),
    "7": (_("Last 7 days"), _days(7)),
    "30": (_("Last 30 days"), _days(30)),
    "month": (_("This month"), lambda today: (today.replace(day=1), today)),
    "last_month": (_("Last month"), _last_month),
}
CHOICES: Final = [("", _("Any time")), *((slug, label) for slug, (label, _span) in PERIODS.items())]


def days_of(slug: str) -> tuple[date | None, date | None]:
    """Return the first and the last day of a named period, as of today; ``None`` twice for a name that is none."""
    if slug not in PERIODS:
        return None, None
    return PERIODS[slug][1](timezone.localdate())
