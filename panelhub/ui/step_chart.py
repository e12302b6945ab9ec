"""A price over time, drawn on the server: it stays where it is until it changes, so the line goes in steps.

Like the other charts it has no script and no style of its own; the table of its figures is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from panelhub.ui.charts import PLOT, WORDS, draw_chart, round_ticks, value_text
from panelhub.ui.formatting import plain_money

WIDTH: Final = 1000
"""Units across the line, however wide it is drawn."""
MOST_DOTS: Final = 40

Point = tuple[datetime, Decimal]


def step_line(points: Sequence[Point], *, until: datetime, label: str) -> SafeString:
    """Return a line through ``points`` (oldest first), which holds its last value ``until`` then; ``label`` says what
    it is.

    Nothing for no points. One point is a straight line.
    """
    if not points:
        return SafeString("")
    scale = round_ticks(min(value for _at, value in points), max(value for _at, value in points))
    low, high = scale[0], scale[-1]
    start, end = points[0][0], max(until, points[-1][0])
    seconds = (end - start).total_seconds() or 1.0

    def across(at: datetime, width: int = WIDTH) -> float:
        return (at - start).total_seconds() / seconds * width

    def down(value: Decimal) -> float:
        return PLOT - float((value - low) / (high - low)) * PLOT

    path = [f"M0 {down(points[0][1]):.1f}"]
    path += [f"H{across(at):.1f}V{down(value):.1f}" for at, value in points[1:]]
    line = "".join([*path, f"H{WIDTH}"])
    shown = points if len(points) <= MOST_DOTS else ()
    dots = format_html_join(
        "",
        '<g><title>{2}</title><circle class="hit" cx="{0}%" cy="{1}" r="10"/><circle cx="{0}%" cy="{1}" r="3"/>{3}</g>',
        (
            (
                f"{across(at, 100):.2f}",
                f"{down(value):.1f}",
                f"{_day(at)}: {plain_money(value)}",
                value_text(across(at, 100), down(value), plain_money(value)),
            )
            for at, value in shown
        ),
    )
    plot = format_html(
        '<svg viewBox="0 0 {0} {1}" width="100%" height="{1}" preserveAspectRatio="none">'
        '<path class="area" d="{2}V{1}H0Z"/><path class="line" d="{2}"/></svg>{3}'
        '<text y="{4}">{5}</text><text x="100%" y="{4}" text-anchor="end">{6}</text>',
        *(WIDTH, PLOT, line, dots, PLOT + WORDS - 4, _day(start), _day(end)),
    )
    return draw_chart("steps", [plain_money(tick) for tick in scale], plot, label=label, words=WORDS)


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y")
