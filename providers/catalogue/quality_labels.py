"""How a service did on its last orders, in words; what was not measured is said so.

The figures come from the ``quality`` of a service (or provider), which a job works out. Few orders are shown as
counts beside the share to expect, so that three of three never read as 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from panelhub.ui.formatting import describe_span, format_count

FEW_ORDERS: Final = 20
"""Fewer measured orders are shown as counts, not as shares."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measured figures in words; all are "" when nothing was measured.

    ``expected`` is the completion rate to expect; ``refills`` and ``prices`` are "" where ``values`` have no such
    figures.
    """

    orders: str = ""
    start: str = ""
    finish: str = ""
    shares: str = ""
    expected: str = ""
    refills: str = ""
    prices: str = ""
    is_few: bool = False
    counts: str = ""

    @property
    def summary(self) -> str:
        """The result with the number of orders it stands on."""
        if self.counts:
            return self.counts
        return _("%(shares)s, of %(orders)s") % {"shares": self.shares, "orders": self.orders}

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
    shares = [values[f"{path}{name}"] for name in ("completed", "partial", "canceled")]
    is_few = orders < FEW_ORDERS
    counts = _in_counts(orders, *shares) if is_few or shares[0] == 1 else ""
    expected = values.get(f"{path}expected")
    return Measured(
        orders=ngettext("%(n)s order", "%(n)s orders", orders) % {"n": format_count(orders)},
        start="" if start is None else describe_span(start),
        finish="" if finish is None else describe_span(finish),
        shares=counts or _in_shares(*shares),
        expected="" if expected is None else _("about %(share)s") % {"share": _percent(expected)},
        refills=_describe_refills(values, path),
        prices=_describe_prices(values, path),
        is_few=is_few,
        counts=counts,
    )


def _in_counts(orders: int, completed: float, partial: float, canceled: float) -> str:
    """Return how many orders ended in which way."""
    first = _("%(done)s of %(n)s completed") % {
        "done": format_count(round(completed * orders)),
        "n": format_count(orders),
    }
    others = ((_("%(n)s partial"), partial), (_("%(n)s canceled"), canceled))
    return ", ".join(
        [first, *(pattern % {"n": format_count(round(share * orders))} for pattern, share in others if share)]
    )


def _in_shares(completed: float, partial: float, canceled: float) -> str:
    """Return which share of orders ended in which way."""
    patterns = (
        (_("%(share)s completed"), completed),
        (_("%(share)s partial"), partial),
        (_("%(share)s canceled"), canceled),
    )
    return ", ".join(pattern % {"share": _percent(share)} for pattern, share in patterns if share) or _(
        "none completed"
    )


def _describe_refills(values: Mapping[str, Any], path: str) -> str:
    """Return how many of the requested refills were delivered, with those that are still open."""
    asked, decided = values.get(f"{path}refills_asked"), values.get(f"{path}refills_decided") or 0
    if asked is None:
        return ""
    if not asked:
        return _("none requested")
    done = _("%(done)s of %(n)s delivered") % {
        "done": format_count(values[f"{path}refills_honoured"]),
        "n": format_count(decided),
    }
    waiting = _("%(n)s open") % {"n": format_count(asked - decided)}
    return ", ".join([*([done] if decided else []), *([waiting] if asked > decided else [])])


def _describe_prices(values: Mapping[str, Any], path: str) -> str:
    """Return how often the price changed in the window, and within how wide a range."""
    changes = values.get(f"{path}price_changes")
    if changes is None:
        return ""
    if not changes:
        return _("unchanged")
    times = ngettext("changed once", "changed %(n)s times", changes) % {"n": format_count(changes)}
    return _("%(times)s, within %(share)s") % {"times": times, "share": _percent(values[f"{path}price_spread"])}


def _percent(share: float) -> str:
    """Return a share in whole percents; what is not zero or all is not shown as such."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return "<1%"
    if whole == 100 and share < 1:
        return ">99%"
    return f"{whole}%"


def describe_figures(measured: Any) -> tuple[str, str]:
    """Return how a service did and its times, from its row of measured quality; that it was not measured for none."""
    if measured is None or not measured.orders:
        return _("no data yet"), ""
    names = ("orders", "seconds_to_start", "seconds_to_finish", "completed", "partial", "canceled", "expected")
    found = describe({f"measured__{name}": getattr(measured, name) for name in names})
    return found.summary, found.times
