"""Orders are found by their client, a handle, a part of a link or a note, within named periods, oldest first too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.listing import queries
from orders.listing.filters import PERIODS, days_of
from tests.helpers.makers import make_order
from tests.helpers.pages import keys_on, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")


@pytest.mark.parametrize(
    "search", ["Ada Ltd", "ada l", "@some.name", "some.na", "instagram.com/some", "rush", "RUSH job"]
)
def test_one_is_found_by_client_handle_part_of_a_link_or_note(as_staff: Any, search: str) -> None:
    link = "https://www.instagram.com/some.name/"
    found = make_order(link=link, client_label="Ada Ltd", note="a rush job")
    make_order(link="https://b.example/p/2", client_label="Bob", note="no hurry")

    assert keys_on(as_staff.get(LIST, {"q": search})) == [found.pk]


def test_parts_are_looked_for_among_the_newest_alone_and_a_whole_client_everywhere(
    as_staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SPAN", 2)
    old = make_order(client_label="Ada Ltd")
    newer = [make_order(client_label="Ada Ltd") for _number in range(2)]

    assert keys_on(as_staff.get(LIST, {"q": "ada l"})) == [newer[1].pk, newer[0].pk]
    assert keys_on(as_staff.get(LIST, {"q": "Ada Ltd"})) == [newer[1].pk, newer[0].pk, old.pk]


def test_two_letters_are_no_part(as_staff: Any) -> None:
    make_order(note="zz")

    assert keys_on(as_staff.get(LIST, {"q": "zz"})) == []


@pytest.mark.parametrize(
    ("slug", "first", "last"),
    [
        ("today", date(2026, 3, 5), date(2026, 3, 5)),
        ("yesterday", date(2026, 3, 4), date(2026, 3, 4)),
        ("7", date(2026, 2, 27), date(2026, 3, 5)),
        ("month", date(2026, 3, 1), date(2026, 3, 5)),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_named_period_is_counted_from_today(slug: str, first: date, last: date) -> None:
    assert PERIODS[slug][1](date(2026, 3, 5)) == (first, last)


def test_an_unknown_period_is_none() -> None:
    assert days_of("x") == (None, None)


def test_a_period_narrows_the_list_and_typed_days_count_more(as_staff: Any) -> None:
    now = timezone.now()
    old, new = make_order(created_at=now - timedelta(days=40)), make_order(created_at=now)

    assert keys_on(as_staff.get(LIST, {"period": "7"})) == [new.pk]
    assert keys_on(as_staff.get(LIST, {"period": "7", "since": str((now - timedelta(days=50)).date())})) == [
        new.pk,
        old.pk,
    ]
    assert "Last 7 days" in text_of(as_staff.get(LIST, {"period": "7"}))


@pytest.mark.parametrize("period", ["", "30"])
def test_the_oldest_come_first_when_its_header_is_clicked(as_staff: Any, period: str) -> None:
    orders = [make_order() for _number in range(60)]

    first = as_staff.get(LIST, {"sort": "oldest", "period": period})
    second = as_staff.get(LIST + first.context["page"].next_url)

    assert keys_on(first) == [order.pk for order in orders[:50]]
    assert keys_on(second) == [order.pk for order in orders[50:]]
    assert 'aria-sort="ascending"' in text_of(first)
