"""How values look: money, counts, moments, states, bars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from orders.statuses import CancellationStatus, OrderStatus, ProductOrderStatus, RefillStatus
from panelhub.settings import BASE_DIR
from panelhub.ui import charts, formatting
from panelhub.ui.icons import NAMES, SPRITE, build_sprite, icon

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.9", "0.90"),
        ("12", "12.00"),
        ("0.00012", "0.00012"),
        ("1234567.5000000000", "1,234,567.50"),
        ("-3.1", "-3.10"),
        ("0", "0.00"),
        ("1E+3", "1,000.00"),
        ("0.12345678", "0.12345678"),
    ],
)
def test_money_has_two_decimals_at_least_and_is_never_rounded(amount: str, text: str) -> None:
    assert formatting.plain_money(Decimal(amount)) == text


def test_money_that_is_not_known_is_a_dash() -> None:
    assert "–" in formatting.format_money(None, "USD")
    assert formatting.money_text(None, "USD") == "–"


def test_a_currency_is_text_like_any_other() -> None:
    assert "&lt;b&gt;" in formatting.format_money(Decimal(1), "<b>")


def test_numbers_follow_the_language() -> None:
    with translation.override("tr"):
        assert formatting.plain_money(Decimal("1234.5")) == "1\u202f234,50"
    with translation.override("th"):
        assert formatting.format_count(12_345) == "12,345"


def test_counts_end_at_their_cap() -> None:
    assert formatting.format_capped(999, 1_000) == "999"
    assert formatting.format_capped(1_000, 1_000) == "1,000"
    assert formatting.format_capped(1_001, 1_000) == "1,000+"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=40), "40 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=3), "3 d ago"),
        (timedelta(days=30), "21 Oct"),
        (timedelta(days=400), "16 Oct 2025"),
        (timedelta(seconds=-30), "in 30 s"),
    ],
)
def test_moments_are_short_and_exact_on_hover(age: timedelta, text: str) -> None:
    when = formatting.format_when(NOW - age, NOW)

    assert when.text == text
    assert when.exact in when.html
    assert "2026-11-20 12:00:00 UTC" in formatting.format_when(NOW, NOW).html


def test_every_state_has_a_word_a_tone_and_an_icon_of_its_own() -> None:
    for states in (OrderStatus, ProductOrderStatus, RefillStatus, CancellationStatus):
        for value, label in states.choices:
            shown = formatting.badge(value)
            assert shown.label == str(label)
            assert shown.icon in NAMES
            assert shown.label in shown.html
            assert f"#{shown.icon}" in shown.html
            assert shown.tone in shown.html


def test_a_state_no_one_knows_is_shown_without_a_judgement() -> None:
    shown = formatting.badge("<on hold>")

    assert shown.tone == "neutral"
    assert "&lt;on hold&gt;" in shown.html


@pytest.mark.parametrize(
    ("total", "remains", "percent"), [(100, 100, 0), (100, 25, 75), (100, 0, 100), (100, -2, 100), (3, 1, 66)]
)
def test_progress(total: int, remains: int, percent: int) -> None:
    bar = formatting.format_progress(total=total, remains=remains, start_count=1_200)

    assert bar is not None
    assert bar.percent == percent
    assert bar.done == total - remains
    assert "1,200" in bar.html


@pytest.mark.parametrize(("total", "remains"), [(None, 5), (0, 0), (100, None)])
def test_no_progress_is_claimed_that_no_one_stated(total: int | None, remains: int | None) -> None:
    assert formatting.format_progress(total=total, remains=remains) is None


def test_the_sprite_is_that_of_the_icons_in_use() -> None:
    """When this fails: `.venv/bin/python scripts/make_icons.py`."""
    assert (BASE_DIR / "static" / SPRITE).read_text(encoding="utf-8") == build_sprite()


def test_an_icon_that_is_not_in_the_sprite_is_an_error() -> None:
    with pytest.raises(KeyError, match="banana"):
        icon("banana")


def test_charts_are_drawn_without_styles_and_described_in_words() -> None:
    line = charts.sparkline([1, Decimal("2.5"), 2], label="Price <now>")
    drawn = charts.bars([charts.Bar("1 <", 3), charts.Bar("2", 0)], label="Orders")

    assert "Price &lt;now&gt;" in line
    assert '<caption class="visually-hidden">Orders</caption>' in drawn
    assert "1 &lt;" in drawn
    for chart in (line, drawn):
        assert "style" not in chart


def test_a_bar_of_a_table_is_as_long_as_its_share() -> None:
    assert 'width="25.0"' in charts.share_bar(1, 4)
    assert 'width="100.0"' in charts.share_bar(5, 4)
    assert 'width="0.0"' in charts.share_bar(1, 0)
    assert 'class="share bad"' in charts.share_bar(1, 4, tone="bad")


def test_too_little_for_a_chart_is_no_chart() -> None:
    assert charts.sparkline([1], label="x") == ""
    assert charts.sparkline([5, 5], label="x") != ""
    assert charts.bars([], label="x") == ""
    assert charts.bars([charts.Bar("a", 0)], label="x") != ""
