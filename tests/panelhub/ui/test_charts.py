"""Charts as drawings: words that can be read below the bars."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest

from panelhub.ui.charts import LETTER, NARROWEST, Bar, bars, round_ticks


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["8 Nov", "28 Tháng 11", "a word as long as this one"])
@pytest.mark.parametrize("count", [1, 7, 14, 90])
def test_words_below_bars_stand_apart_and_inside(word: str, count: int) -> None:
    drawn = bars([Bar(word, number) for number in range(count)], label="x")

    middles = [
        float(x) * NARROWEST / 100 for x in re.findall(r'<text x="([\d.]+)%" y="\d+" text-anchor="middle">', drawn)
    ]
    broad = LETTER * len(word) - 0.2  # the drawing rounds to hundredths of its width
    assert middles
    assert all(broad / 2 <= x <= NARROWEST - broad / 2 for x in middles)
    assert all(after - before >= broad for before, after in pairwise(middles))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("0", "210", "0 100 200 300"),
        ("1.22", "1.35", "1.2 1.25 1.3 1.35"),
        ("0.0012", "0.0017", "0.0012 0.0014 0.0016 0.0018"),
        ("0", "0", "0 0.25 0.5 0.75 1"),
        ("-5", "3", "-5 -2.5 0 2.5 5"),
        ("15.91", "15.91", "0 5 10 15 20"),
    ],
)
def test_a_scale_has_round_figures_around_all_values(low: str, high: str, ticks: str) -> None:
    assert " ".join(map(str, round_ticks(Decimal(low), Decimal(high)))) == ticks


@pytest.mark.django_db
def test_a_bar_shows_its_figure_and_leads_where_it_says() -> None:
    drawn = bars([Bar("1 <", 3, "3.00 USD", "/?a=1&b=2"), Bar("2", 0)], label="Orders")

    assert drawn.count('href="/?a=1&amp;b=2"') == 2  # the bar, and its row in the table
    assert '<text class="value"' in drawn
    assert "<title>1 &lt;: 3.00 USD</title>" in drawn
    assert 'role="group"' in drawn
