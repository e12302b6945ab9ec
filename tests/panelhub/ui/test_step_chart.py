"""A price over time as a drawing: steps, a scale, and figures in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from panelhub.ui.charts import PLOT
from panelhub.ui.step_chart import MOST_DOTS, step_line

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_it_goes_in_steps_from_edge_to_edge() -> None:
    drawn = step_line([(START, Decimal(1)), (START + 5 * DAY, Decimal(2))], until=START + 10 * DAY, label="Price <USD>")

    path = re.findall(r'class="line" d="([^"]+)"', drawn)[0]
    assert re.fullmatch(r"M0 [\d.]+H[\d.]+V[\d.]+H1000", path)
    assert 'role="img" aria-label="Price &lt;USD&gt;"' in drawn
    assert "1 Nov 2026" in drawn
    assert "11 Nov 2026" in drawn
    assert "<title>6 Nov 2026: 2.00</title>" in drawn
    assert "style=" not in drawn


def test_every_point_lies_within_the_drawing() -> None:
    points = [(START + number * DAY, Decimal(number % 7) / 3) for number in range(30)]

    drawn = step_line(points, until=START, label="x")

    for x, y in re.findall(r'cx="([\d.-]+)%" cy="([\d.-]+)"', drawn):
        assert 0 <= float(x) <= 100
        assert 0 <= float(y) <= PLOT


def test_one_price_is_a_straight_line_and_none_is_nothing() -> None:
    assert (
        "V" not in re.findall(r'class="line" d="([^"]+)"', step_line([(START, Decimal(0))], until=START, label="x"))[0]
    )
    assert step_line([], until=START, label="x") == ""


def test_hundreds_of_changes_are_a_line_without_dots() -> None:
    points = [(START + number * DAY, Decimal(number)) for number in range(MOST_DOTS + 1)]

    assert "<circle" not in step_line(points, until=START, label="x")
