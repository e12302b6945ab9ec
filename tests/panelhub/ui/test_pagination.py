"""Pages by the last row seen: what an address says, and what nonsense in it does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict

from panelhub.ui.pagination import Sort, address, amount, moment, number, write_cursor


def test_an_address_changes_what_it_is_given_and_drops_what_is_empty() -> None:
    here = QueryDict("q=a%26b&tab=&provider=3&after=9")

    assert address(here, {"after": None, "provider": "4"}) == "?q=a%26b&provider=4"
    assert address(QueryDict(""), {}) == "?"


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e99", "--1"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        amount(text)


@pytest.mark.parametrize("text", ["", "x", "9" * 20, "1.5"])
def test_a_number_that_no_key_can_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number(text)


@pytest.mark.parametrize("text", ["", "x", "2026-11-20T12:00:00"])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        moment(text)


def test_a_cursor_reads_back_what_was_written() -> None:
    at = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)

    assert moment(write_cursor([at])) == at
    assert amount(write_cursor([Decimal("0.0000000001")])) == Decimal("0.0000000001")


def test_both_directions_of_an_order() -> None:
    sort = Sort("price", "", ("rate", "id"), (amount, number), descending=True)

    assert sort.ordering(backwards=False) == ["-rate", "-id"]
    assert sort.ordering(backwards=True) == ["rate", "id"]
