"""Charts drawn on the server as SVG, without a script or a style attribute, each with its figures in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from panelhub.ui import format_number

Number = float | int | Decimal

WIDTH: Final = 240
HEIGHT: Final = 36
BAR_HEIGHT: Final = 120
STEP: Final = 28


def sparkline(values: Sequence[Number], *, label: str) -> SafeString:
    """A line through ``values``, oldest first; ``label`` says to a screen reader what it shows."""
    figures = [float(value) for value in values]
    if len(figures) < 2:
        return SafeString("")
    low, high = min(figures), max(figures)
    span = (high - low) or 1.0
    points = " ".join(
        f"{index * WIDTH / (len(figures) - 1):.1f},{HEIGHT - 2 - (value - low) / span * (HEIGHT - 4):.1f}"
        for index, value in enumerate(figures)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img" aria-label="{2}">'
        '<polygon class="area" points="0,{1} {3} {0},{1}"/><polyline class="line" points="{3}"/></svg>',
        WIDTH,
        HEIGHT,
        label,
        points,
    )


def bars(points: Sequence[tuple[str, Number]], *, label: str) -> SafeString:
    """One bar for each pair of word and value, with the same figures as a table for screen readers."""
    if not points:
        return SafeString("")
    high = max(float(value) for _word, value in points) or 1.0
    width = STEP * len(points)
    # Words under the bars would run into each other from a dozen on: then only some are written.
    every = max(1, -(-len(points) // 10))
    drawn = format_html_join(
        "",
        '<g><title>{}: {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="2"/>{}</g>',
        (
            (
                word,
                format_number(Decimal(str(value))),
                index * STEP + 4,
                f"{BAR_HEIGHT - max(1.0, float(value) / high * (BAR_HEIGHT - 8)):.1f}",
                STEP - 8,
                f"{max(1.0, float(value) / high * (BAR_HEIGHT - 8)):.1f}",
                _word_under(index, word) if index % every == 0 else "",
            )
            for index, (word, value) in enumerate(points)
        ),
    )
    rows = format_html_join(
        "",
        "<tr><th scope='row'>{}</th><td>{}</td></tr>",
        ((word, format_number(Decimal(str(value)))) for word, value in points),
    )
    return format_html(
        '<svg class="bars" viewBox="0 0 {0} {1}" aria-hidden="true">{2}'
        '<line class="axis" x1="0" x2="{0}" y1="{3}" y2="{3}"/></svg>'
        '<table class="visually-hidden"><caption>{4}</caption><tbody>{5}</tbody></table>',
        width,
        BAR_HEIGHT + 18,
        drawn,
        BAR_HEIGHT + 0.5,
        label,
        rows,
    )


def _word_under(index: int, word: str) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="middle">{}</text>', index * STEP + STEP / 2, BAR_HEIGHT + 14, word
    )
