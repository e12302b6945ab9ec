"""Charts drawn on the server as SVG, without a script or a style attribute, each with its figures in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.ui.formatting import format_number

Number = float | int | Decimal

WIDTH: Final = 240
HEIGHT: Final = 36
BARS_WIDTH: Final = 480
BAR_HEIGHT: Final = 130
HEADROOM: Final = 16
WIDEST_BAR: Final = 34
MOST_WORDS: Final = 7
LETTER: Final = 7.5
"""Width of a letter below a bar, in the widest of the usual fonts."""


def sparkline(values: Sequence[Number], *, label: str) -> SafeString:
    """Return a line through ``values``, oldest first; ``label`` says to a screen reader what it shows."""
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
    """Return one bar for each pair of word and value, with the same figures as a table that can be opened below."""
    if not points:
        return SafeString("")
    high = max(float(value) for _word, value in points) or 1.0
    step = BARS_WIDTH / len(points)
    thick = min(step * 0.72, WIDEST_BAR)
    drawn = format_html_join(
        "", "{}", ((_bar(index, word, value, high, step, thick),) for index, (word, value) in enumerate(points))
    )
    words = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((f"{middle:.1f}", BAR_HEIGHT + 15, word) for middle, word in _place_words([word for word, _value in points])),
    )
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="num">{}</td></tr>',
        ((word, _figure(value)) for word, value in points),
    )
    return format_html(
        '<svg class="bars" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '<line class="axis faint" x1="0" x2="{0}" y1="{3}" y2="{3}"/><text x="{0}" y="{4}" text-anchor="end">{5}</text>'
        '{6}{7}<line class="axis" x1="0" x2="{0}" y1="{8}" y2="{8}"/></svg>'
        '<details class="behind"><summary>{9}</summary><table class="grid">'
        '<caption class="visually-hidden">{2}</caption><tbody>{10}</tbody></table></details>',
        BARS_WIDTH,
        BAR_HEIGHT + 20,
        label,
        HEADROOM,
        HEADROOM - 3,
        _figure(max((value for _word, value in points), key=float)),
        drawn,
        words,
        BAR_HEIGHT + 0.5,
        _("View as table"),
        rows,
    )


def _place_words(words: Sequence[str]) -> list[tuple[float, str]]:
    """Return the words that are written below bars, one for each bar, and where their middles are.

    Every word, or every second, or third: as many as stay within the chart and do not run into each other.
    """
    step = BARS_WIDTH / len(words)
    broad = LETTER * max(map(len, words))
    placed: list[tuple[float, str]] = []
    for every in range(max(1, -(-len(words) // MOST_WORDS)), len(words) + 1):
        placed = [
            (max(broad / 2, min(BARS_WIDTH - broad / 2, (index + 0.5) * step)), words[index])
            for index in range(0, len(words), every)
        ]
        if all(after - before > broad for (before, _word), (after, _other) in pairwise(placed)):
            break
    return placed


def _bar(index: int, word: str, value: Number, high: float, step: float, thick: float) -> SafeString:
    tall = max(1.0, float(value) / high * (BAR_HEIGHT - HEADROOM))
    return format_html(
        '<g><title>{}: {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="2"/></g>',
        word,
        _figure(value),
        f"{index * step + (step - thick) / 2:.1f}",
        f"{BAR_HEIGHT - tall:.1f}",
        f"{thick:.1f}",
        f"{tall:.1f}",
    )


def share_bar(part: Number, whole: Number, *, tone: str = "active") -> SafeString:
    """Return a bar as long as ``part`` is of ``whole``, for a row of a table that says the figure beside it."""
    share = float(part) / float(whole) if whole else 0.0
    return format_html(
        '<svg class="share {}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="8"/><rect width="{}" height="8"/></svg>',
        tone,
        f"{max(0.0, min(1.0, share)) * 100:.1f}",
    )


def _figure(value: Number) -> str:
    return format_number(Decimal(str(value)))
