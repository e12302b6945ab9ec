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

from panelhub.ui.formatting import plain_money

WIDTH: Final = 400
HEIGHT: Final = 150
LEFT: Final = 58
LETTER: Final = 8.3
"""Width of a figure in the widest of the usual fonts, at the size that narrow screens get."""
RIGHT: Final = 8
TOP: Final = 10
BOTTOM: Final = 22
MOST_DOTS: Final = 40

Point = tuple[datetime, Decimal]


def step_line(points: Sequence[Point], *, until: datetime, label: str) -> SafeString:
    """Return a line through ``points`` (oldest first), which holds its last value ``until`` then; ``label`` says what
    it is.

    Nothing for no points. One point is a straight line.
    """
    if not points:
        return SafeString("")
    low, high = min(value for _at, value in points), max(value for _at, value in points)
    if low == high:
        # A price that never moved runs through the middle.
        low, high = low * Decimal("0.9"), high * Decimal("1.1") or Decimal(1)
    scale = [(value, plain_money(_short(value))) for value in (low, (low + high) / 2, high)]
    left = max(LEFT, round(8 + LETTER * max(len(words) for _value, words in scale)))
    start, end = points[0][0], max(until, points[-1][0])
    seconds = (end - start).total_seconds() or 1.0

    def across(at: datetime) -> float:
        return left + (at - start).total_seconds() / seconds * (WIDTH - left - RIGHT)

    def down(value: Decimal) -> float:
        return HEIGHT - BOTTOM - float((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)

    path = [f"M{across(start):.1f} {down(points[0][1]):.1f}"]
    path += [f"H{across(at):.1f}V{down(value):.1f}" for at, value in points[1:]]
    path.append(f"H{across(end):.1f}")
    line = "".join(path)
    area = f"{line}V{HEIGHT - BOTTOM}H{left}Z"
    shown = points if len(points) <= MOST_DOTS else ()
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="2"><title>{}: {}</title></circle>',
        ((f"{across(at):.1f}", f"{down(value):.1f}", _day(at), plain_money(value)) for at, value in shown),
    )
    levels = format_html_join(
        "",
        '<line class="level" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
        '<text class="figure" x="{3}" y="{4}" text-anchor="end">{5}</text>',
        (
            (left, WIDTH - RIGHT, f"{down(value):.1f}", left - 6, f"{down(value) + 3:.1f}", words)
            for value, words in scale
        ),
    )
    return format_html(
        '<svg class="steps-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<path class="area" d="{}"/><path class="line" d="{}"/>{}'
        '<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, label, levels, area, line, dots),
        *(left, HEIGHT - 7, _day(start), WIDTH - RIGHT, HEIGHT - 7, _day(end)),
    )


def _short(value: Decimal) -> Decimal:
    """Return a value of the scale with four figures at most."""
    if not value:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(min(0, value.adjusted() - 3)))


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y")
