"""What a service costs in the hub's currency is stored with it, and lists go by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import ExchangeRate
from panelhub.ui.pagination import Page, Sort, take_page
from providers.catalogue.filters import BY_KIND, SORTS
from providers.models import Service
from providers.models.hub_rates import PLACES, in_hub_currency
from tests.helpers.makers import make_provider, make_service

BY_PRICE = (BY_KIND, *(sort for sort in SORTS if not {"price", "price_down"}.isdisjoint(sort.columns)))
# A third is no decimal: prices in its currency never come out even.
WORTHS = {"TRY": "0.03", "THB": "0.3333333333"}
CURRENCIES = ("USD", "TRY", "THB", "VND")
RATES = ("0", "0.0000000001", "0.3", "1", "10", "33.3333333333", "11.1111111111", "12345678.9123456789")


@pytest.mark.parametrize(
    ("rate", "worth", "stored"),
    [
        ("20", "0.03", "0.6"),
        ("1500", "0.00004", "0.06"),
        ("1", "1", "1"),
        ("0", "0.5", "0"),
        ("20", None, None),
        # Too small or too large for the column: unknown, and never free.
        ("0.0000000001", "0.03", None),
        ("999999999999", "99999999", None),
    ],
)
def test_a_price_is_converted(rate: str, worth: str | None, stored: str | None) -> None:
    converted = in_hub_currency(Decimal(rate), Decimal(worth) if worth else None)

    assert converted == (Decimal(stored) if stored else None)


@pytest.mark.django_db
def test_a_service_is_stored_with_its_hub_rate() -> None:
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
    lira, unstated = make_provider(currency="TRY"), make_provider(currency="")
    saved = make_service(lira, rate=Decimal(20))
    (made,) = Service.objects.bulk_create([Service(provider=unstated, external_id="1", name="x", rate=Decimal(7))])

    assert (saved.hub_rate, made.hub_rate) == (Decimal("0.6"), Decimal(7))
    saved.rate = Decimal(40)
    saved.save(update_fields=["rate"])
    assert Service.objects.get(pk=saved.pk).hub_rate == Decimal("1.2")


class PagingTests(TestCase):
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(CURRENCIES),
                st.sampled_from(RATES),
                st.sampled_from(("", "tiktok", "x")),
                st.sampled_from(("likes", "zz")),
            ),
            max_size=14,
        ),
        sort=st.sampled_from(BY_PRICE),
        size=st.integers(1, 5),
    )
    def test_any_list_is_paged_through_once_and_back(self, rows: Any, sort: Sort, size: int) -> None:
        for currency, worth in WORTHS.items():
            ExchangeRate.objects.create(currency=currency, rate=Decimal(worth))
        accounts = {currency: make_provider(currency=currency) for currency in CURRENCIES}
        Service.objects.bulk_create(
            Service(
                provider=accounts[currency],
                external_id=str(number),
                name="x",
                rate=Decimal(rate),
                platform=platform,
                kind=kind,
            )
            for number, (currency, rate, platform, kind) in enumerate(rows)
        )

        there = _pages(sort, size=size)
        shown = [row for page in there for row in page]

        assert all(len(page) == size for page in there[:-1])
        assert shown == sorted(shown, key=lambda row: _place(sort, row))
        assert len({row["id"] for row in shown}) == len(shown) == len(rows)
        if rows:
            assert _pages(sort, size=size, back=True) == there[::-1][1:]


def _pages(sort: Sort, *, size: int, back: bool = False) -> list[list[dict[str, Any]]]:
    """Return the rows of each page, from the first to the last, or from the one before the last back to the first."""
    page = _page(sort, size, "")
    pages = [page.rows]
    while page.next_url:
        page = _page(sort, size, page.next_url)
        pages.append(page.rows)
    if not back:
        return pages
    returned = []
    while page.previous_url:
        page = _page(sort, size, page.previous_url)
        returned.append(page.rows)
    return returned


def _page(sort: Sort, size: int, url: str) -> Page[dict[str, Any]]:
    columns = dict.fromkeys(("id", "hub_rate", "platform", "kind", "provider_id", *sort.columns))
    return take_page(
        Service.objects.annotate(**{name: PLACES[name] for name in sort.columns if name in PLACES}),
        sort=sort,
        size=size,
        parameters=QueryDict(url.removeprefix("?")),
        shape=lambda queryset: queryset.values(*columns),
        cursor_of=lambda row: [row[column] for column in sort.columns],
    )


def _place(sort: Sort, row: dict[str, Any]) -> tuple[Any, ...]:
    """Return where a row belongs: unread platforms and unknown prices come last."""
    price = row["hub_rate"] if row["hub_rate"] is not None else Decimal("Infinity")
    places = {
        "price": price,
        "price_down": price if row["hub_rate"] is None else -price,
        "shelf": row["platform"] or "zzzz",
    }
    return tuple(places.get(column, row.get(column)) for column in sort.columns)
