"""Charts drawn on the server, without a script or a style attribute, each with its figures in words.

A drawing is as wide as its card: places across are shares of the width, heights are pixels, and words keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
PLOT: Final = 140
"""Pixels from the lowest line of a scale to the highest."""
WORDS: Final = 20
NARROWEST: Final = 270
"""Width of a drawing on the narrowest screens; the words below bars fit there."""
MOST_WORDS: Final = 7
LETTER: Final = 7.5
"""Width of a letter below a bar, in the widest of the usual fonts."""
MOST_STEPS: Final = 4
_FACTORS: Final = tuple(map(Decimal, ("1", "2", "2.5", "5", "10", "20")))
EDGE: Final = 18
"""Per cent of the width within which the word of a point is written towards the middle."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the word below it, its figure, that figure as it is shown, and where a click leads ("": nowhere)."""

    word: str
    value: Number
    text: str = ""
    url: str = ""


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


def round_ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return the figures of a scale from ``low`` or below to ``high`` or above: round, evenly spaced, five at most."""
    if low == high:
        low, high = min(low, Decimal(0)), max(high, Decimal(0)) or Decimal(1)
    ten = Decimal(1).scaleb(((high - low) / MOST_STEPS).adjusted())
    for step in (ten * factor for factor in _FACTORS):
        first, last = math.floor(low / step), math.ceil(high / step)
        if last - first <= MOST_STEPS:
            break
    ticks = [step * number for number in range(first, last + 1)]
    return [tick.quantize(Decimal(1)) if tick == tick.to_integral_value() else tick.normalize() for tick in ticks]


def draw_chart(kind: str, ticks: Sequence[str], plot: SafeString, *, label: str, words: int = 0) -> SafeString:
    """Return a drawing beside its scale: ``ticks`` from below, ``plot`` as SVG, ``words`` pixels of words below it."""
    lines = format_html_join(
        "",
        '<line class="level" x2="100%" y1="{0}" y2="{0}"/>',
        ((f"{PLOT - index * PLOT / (len(ticks) - 1):.1f}",) for index in range(len(ticks))),
    )
    return format_html(
        '<div class="chart {}"><ol class="scale" aria-hidden="true">{}</ol>'
        '<svg class="plot" height="{}" role="{}" aria-label="{}">{}{}</svg></div>',
        kind,
        format_html_join("", "<li>{}</li>", ((tick,) for tick in reversed(ticks))),
        PLOT + words,
        "group" if "<a " in plot else "img",
        label,
        lines,
        plot,
    )


def value_text(across: float, down: float, text: str) -> SafeString:
    """Return what is written beside a point while it is pointed at; places in per cent and pixels."""
    anchor = "start" if across < EDGE else "end" if across > 100 - EDGE else "middle"
    return format_html(
        '<text class="value" x="{}%" y="{}" text-anchor="{}">{}</text>',
        f"{across:.2f}",
        f"{max(down - 6, 8):.1f}",
        anchor,
        text,
    )


def bars(points: Sequence[Bar], *, label: str) -> SafeString:
    """Return the bars of ``points``, with the same figures as a table that can be opened below."""
    if not points:
        return SafeString("")
    scale = round_ticks(Decimal(0), max(Decimal(str(point.value)) for point in points))
    top = float(scale[-1])
    drawn = format_html_join("", "{}", ((_bar(index, len(points), point, top),) for index, point in enumerate(points)))
    words = format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{middle / NARROWEST * 100:.2f}", PLOT + WORDS - 4, word)
            for middle, word in _place_words([point.word for point in points])
        ),
    )
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="num">{}</td></tr>',
        ((_linked(point.word, point.url), _shown(point)) for point in points),
    )
    return format_html(
        '{}<details class="behind"><summary>{}</summary><table class="grid">'
        '<caption class="visually-hidden">{}</caption><tbody>{}</tbody></table></details>',
        draw_chart("bars", [format_number(tick) for tick in scale], drawn + words, label=label, words=WORDS),
        _("View as table"),
        label,
        rows,
    )


def _place_words(words: Sequence[str]) -> list[tuple[float, str]]:
    """Return the words that are written below bars, and where their middles are on the narrowest drawing.

    Every word, or every second, or third: as many as stay within the chart and do not run into each other.
    """
    step = NARROWEST / len(words)
    broad = LETTER * max(map(len, words))
    placed: list[tuple[float, str]] = []
    for every in range(max(1, -(-len(words) // MOST_WORDS)), len(words) + 1):
        placed = [
            (max(broad / 2, min(NARROWEST - broad / 2, (index + 0.5) * step)), words[index])
            for index in range(0, len(words), every)
        ]
        if all(after - before > broad for (before, _word), (after, _other) in pairwise(placed)):
            break
    return placed


def _bar(index: int, count: int, point: Bar, top: float) -> SafeString:
    """Return one bar; all of its column can be pointed at, and clicked where it leads somewhere."""
    step = 100 / count
    tall = max(1.0, float(point.value) / top * PLOT)
    middle = (index + 0.5) * step
    drawn = format_html(
        '<g><title>{}: {}</title><rect class="hit" x="{}%" width="{}%" height="{}"/>'
        '<rect x="{}%" y="{}" width="{}%" height="{}" rx="2"/>{}</g>',
        point.word,
        _shown(point),
        f"{index * step:.2f}",
        f"{step:.2f}",
        PLOT,
        f"{(index + 0.14) * step:.2f}",
        f"{PLOT - tall:.1f}",
        f"{step * 0.72:.2f}",
        f"{tall:.1f}",
        value_text(middle, PLOT - tall, _shown(point)),
    )
    # Who cannot point has the same links in the table.
    return format_html('<a href="{}" tabindex="-1">{}</a>', point.url, drawn) if point.url else drawn


def _linked(word: str, url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, word) if url else format_html("{}", word)


def _shown(point: Bar) -> str:
    return point.text or format_number(Decimal(str(point.value)))


def share_bar(part: Number, whole: Number, *, tone: str = "active") -> SafeString:
    """Return a bar as long as ``part`` is of ``whole``, for a row of a table that says the figure beside it."""
    share = float(part) / float(whole) if whole else 0.0
    return format_html(
        '<svg class="share {}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="8"/><rect width="{}" height="8"/></svg>',
        tone,
        f"{max(0.0, min(1.0, share)) * 100:.1f}",
    )
