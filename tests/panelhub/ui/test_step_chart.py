"""A price over time as a drawing: steps, a scale, and figures in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from panelhub.ui.step_chart import HEIGHT, LEFT, MOST_DOTS, WIDTH, step_line

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_it_goes_in_steps_from_edge_to_edge() -> None:
    drawn = step_line([(START, Decimal(1)), (START + 5 * DAY, Decimal(2))], until=START + 10 * DAY, label="Price <USD>")

    path = re.findall(r'class="line" d="([^"]+)"', drawn)[0]
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+", path)
    assert path.startswith(f"M{LEFT:.1f} ")
    assert 'role="img" aria-label="Price &lt;USD&gt;"' in drawn
    assert "1 Nov 2026" in drawn
    assert "11 Nov 2026" in drawn
    assert "<title>6 Nov 2026: 2.00</title>" in drawn
    assert "style=" not in drawn


def test_every_point_lies_within_the_drawing() -> None:
    points = [(START + number * DAY, Decimal(number % 7) / 3) for number in range(30)]

    drawn = step_line(points, until=START, label="x")

    for x, y in re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', drawn):
        assert LEFT <= float(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT


def test_one_price_is_a_straight_line_and_none_is_nothing() -> None:
    assert (
        "V" not in re.findall(r'class="line" d="([^"]+)"', step_line([(START, Decimal(0))], until=START, label="x"))[0]
    )
    assert step_line([], until=START, label="x") == ""


def test_hundreds_of_changes_are_a_line_without_dots() -> None:
    points = [(START + number * DAY, Decimal(number)) for number in range(MOST_DOTS + 1)]

    assert "<circle" not in step_line(points, until=START, label="x")


def test_a_long_figure_of_the_scale_has_room_beside_the_line() -> None:
    points = [(START, Decimal(99_999_999)), (START + DAY, Decimal(100_000_000))]

    drawn = step_line(points, until=START, label="x")

    for x, words in re.findall(r'class="figure" x="(\d+)"[^>]*>([^<]+)<', drawn):
        assert float(x) >= 8 * len(words)
    assert float(re.findall(r'class="line" d="M([\d.]+) ', drawn)[0]) > LEFT
