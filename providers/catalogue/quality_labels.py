"""How a service did on its last orders, in words; what was not measured is said so.

The figures come from the ``quality`` of a service (or provider), which a job works out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from panelhub.ui.formatting import describe_span, format_count


@dataclass(frozen=True, slots=True)
class Measured:
    """Measured figures in words; all are "" when nothing was measured."""

    orders: str = ""
    start: str = ""
    finish: str = ""
    shares: str = ""

    @property
    def times(self) -> str:
        """Both times in one, as far as they are known."""
        if self.start and self.finish:
            return _("starts in %(start)s, done in %(finish)s") % {"start": self.start, "finish": self.finish}
        if self.start:
            return _("starts in %(start)s") % {"start": self.start}
        return _("done in %(finish)s") % {"finish": self.finish} if self.finish else ""

    @property
    def is_known(self) -> bool:
        return bool(self.orders)


NOTHING = Measured()


def describe(values: Mapping[str, Any], *, path: str = "measured__") -> Measured:
    """Return the figures under ``path`` of a row of values."""
    orders = values[f"{path}orders"]
    if not orders:
        return NOTHING
    start, finish = values[f"{path}seconds_to_start"], values[f"{path}seconds_to_finish"]
    return Measured(
        orders=ngettext("%(n)s order", "%(n)s orders", orders) % {"n": format_count(orders)},
        start="" if start is None else describe_span(start),
        finish="" if finish is None else describe_span(finish),
        shares=", ".join(
            pattern % {"share": _percent(share)}
            for pattern, share in (
                (_("%(share)s completed"), values[f"{path}completed"]),
                (_("%(share)s partial"), values[f"{path}partial"]),
                (_("%(share)s canceled"), values[f"{path}canceled"]),
            )
            if share
        )
        or _("none completed"),
    )


def _percent(share: float) -> str:
    """Return a share in whole percents; what is not zero or all is not shown as such."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return "<1%"
    if whole == 100 and share < 1:
        return ">99%"
    return f"{whole}%"
