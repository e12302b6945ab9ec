"""Charts as drawings: words that can be read below the bars."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from panelhub.ui.charts import BARS_WIDTH, LETTER, bars


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["8 Nov", "28 Tháng 11", "a word as long as this one"])
@pytest.mark.parametrize("count", [1, 7, 14, 90])
def test_words_below_bars_stand_apart_and_inside(word: str, count: int) -> None:
    drawn = bars([(word, number) for number in range(count)], label="x")

    middles = [float(x) for x in re.findall(r'<text x="([\d.]+)" y="\d+" text-anchor="middle">', drawn)]
    broad = LETTER * len(word) - 0.2  # the drawing rounds to tenths
    assert middles
    assert all(broad / 2 <= x <= BARS_WIDTH - broad / 2 for x in middles)
    assert all(after - before >= broad for before, after in pairwise(middles))
