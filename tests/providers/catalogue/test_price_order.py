"""Services in several currencies in the order of one: every page, there and back, and exactly."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from providers.catalogue.price_order import (
    NEEDED,
    PriceOrder,
    in_order,
    iterate_by_price,
    place_finder,
    plan_strands,
    read_in_order,
    read_place,
    take_priced_page,
)
from providers.hub_prices import HubPrices, Worth
from providers.models import Provider, Service
from providers.permissions import Seen
from tests.helpers.makers import make_provider

BY_KIND = PriceOrder("kind", "", grouped=True)
CHEAPEST = PriceOrder("price", "")
MOST_EXPENSIVE = PriceOrder("-price", "", descending=True)
ALL = (BY_KIND, CHEAPEST, MOST_EXPENSIVE)
# A third is no decimal: thresholds in its currency never come out even.
PRICES = HubPrices("USD", {"TRY": Worth(Decimal("0.03")), "THB": Worth(Decimal("0.3333333333"))})
CURRENCIES = ("USD", "TRY", "THB", "VND")


def see(*providers: Provider) -> dict[int, Seen]:
    return {made.pk: Seen(made.pk, made.name, False, True, made.currency, "", None) for made in providers}


def list_services(*services: tuple[Provider, str, str, str]) -> None:
    Service.objects.bulk_create(
        Service(provider=provider, external_id=str(number), name="x", rate=Decimal(rate), platform=platform, kind=kind)
        for number, (provider, rate, platform, kind) in enumerate(services)
    )


def pages(order: PriceOrder, providers: dict[int, Seen], *, size: int, back: bool = False) -> Iterator[list[int]]:
    """Yield the keys on each page, from the first to the last, or from the last back to the first."""
    address = ""
    while True:
        page = take_priced_page(
            Service.objects.all(),
            order=order,
            strands=plan_strands(order, providers, PRICES),
            find_place=place_finder(order, providers, PRICES),
            size=size,
            parameters=QueryDict(address),
            shape=lambda queryset: queryset.values(*NEEDED),
        )
        yield [row["id"] for row in page.rows]
        address = (page.previous_url if back else page.next_url).removeprefix("?")
        if not address:
            return


def expected(order: PriceOrder, providers: dict[int, Seen]) -> list[int]:
    find = place_finder(order, providers, PRICES)
    rows = sorted(Service.objects.values(*NEEDED), key=lambda row: in_order(order, find(row)))
    return [row["id"] for row in rows]


@pytest.mark.django_db
def test_prices_of_all_currencies_follow_each_other_and_unknown_ones_come_last() -> None:
    dollar, lira, dong = (make_provider(currency=currency) for currency in ("USD", "TRY", "VND"))
    list_services((dollar, "1", "", "zz"), (lira, "30", "", "zz"), (dollar, "0.8", "", "zz"), (dong, "0.1", "", "zz"))
    one, ninety, eighty, unknown = Service.objects.order_by("pk").values_list("pk", flat=True)
    providers = see(dollar, lira, dong)

    assert [*pages(CHEAPEST, providers, size=9)] == [[eighty, ninety, one, unknown]]
    assert [*pages(MOST_EXPENSIVE, providers, size=9)] == [[one, ninety, eighty, unknown]]


@pytest.mark.django_db
def test_the_same_kind_lies_side_by_side_and_what_names_no_platform_comes_last() -> None:
    dollar, lira = make_provider(currency="USD"), make_provider(currency="TRY")
    list_services(
        (dollar, "5", "tiktok", "likes"),
        (lira, "1", "", "likes"),
        (dollar, "2", "tiktok", "likes"),
        (lira, "100", "tiktok", "likes"),
        (dollar, "9", "tiktok", "comments"),
        (lira, "9", "instagram", "views"),
        (dollar, "0.1", "tiktok", "zz"),
    )
    first = Service.objects.order_by("pk").values_list("pk", flat=True)[0]

    (shown,) = pages(BY_KIND, see(dollar, lira), size=9)

    assert [pk - first for pk in shown] == [5, 4, 2, 3, 0, 6, 1]


class WalkingTests(TestCase):
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(CURRENCIES),
                st.sampled_from(("0", "0.0000000001", "0.3", "1", "10", "33.3333333333", "11.1111111111")),
                st.sampled_from(("", "tiktok", "x")),
                st.sampled_from(("likes", "zz")),
            ),
            max_size=14,
        ),
        order=st.sampled_from(ALL),
        size=st.integers(1, 5),
    )
    def test_any_list_is_paged_through_once_and_back(self, rows: Any, order: PriceOrder, size: int) -> None:
        accounts = {currency: make_provider(currency=currency) for currency in CURRENCIES}
        list_services(*((accounts[currency], *rest) for currency, *rest in rows))
        providers = see(*accounts.values())
        wanted = expected(order, providers)

        walked = [*pages(order, providers, size=size)]

        assert [pk for page in walked for pk in page] == wanted
        assert all(len(page) == size for page in walked[:-1])
        branches = [
            branch.values(*NEEDED)
            for branch in iterate_by_price(Service.objects.all(), plan_strands(order, providers, PRICES))
        ]
        reported = read_in_order(branches, order=order, find_place=place_finder(order, providers, PRICES), at_once=100)
        assert [row["id"] for row in reported] == wanted


@pytest.mark.django_db
@pytest.mark.parametrize("order", ALL, ids=lambda order: order.slug)
def test_the_way_back_shows_the_same_pages(order: PriceOrder) -> None:
    accounts = [make_provider(currency=currency) for currency in CURRENCIES]
    list_services(
        *(
            (accounts[number % 4], str(Decimal(number % 7) / 3)[:12], ("x", "")[number % 2], "likes")
            for number in range(23)
        )
    )
    providers = see(*accounts)
    find, strands = place_finder(order, providers, PRICES), plan_strands(order, providers, PRICES)

    def page_at(address: str) -> Any:
        return take_priced_page(
            Service.objects.all(),
            order=order,
            strands=strands,
            find_place=find,
            size=5,
            parameters=QueryDict(address.removeprefix("?")),
            shape=lambda queryset: queryset.values(*NEEDED),
        )

    there = [page_at("")]
    while there[-1].next_url:
        there.append(page_at(there[-1].next_url))
    back = [there[-1]]
    while back[-1].previous_url:
        back.append(page_at(back[-1].previous_url))

    assert [page.rows for page in back] == [page.rows for page in reversed(there)]
    assert len(there) == 5


@pytest.mark.parametrize(
    "text",
    [
        "", "1~2", "0~x~likes~0~1/0~1", "0~x~likes~0~1e99~1", "0~x~likes~0~-1~1", "2~x~likes~0~1~1",
        "0~x~likes~9~1~1",
        "0~x~likes~0~NaN~1", "0~x~likes~0~1~x", f"0~x~likes~0~1~{2**70}", "0~\0~likes~0~1~1",
        f"0~x~likes~0~{'9' * 200}~1",
    ],
)  # fmt: skip
def test_a_place_that_is_none_means_page_one(text: str) -> None:
    assert read_place(text) is None


@pytest.mark.django_db
def test_a_place_beyond_every_price_is_the_end() -> None:
    dollar = make_provider(currency="USD")
    list_services((dollar, "1", "x", "likes"))
    providers = see(dollar)
    page = take_priced_page(
        Service.objects.all(),
        order=CHEAPEST,
        strands=plan_strands(CHEAPEST, providers, PRICES),
        find_place=place_finder(CHEAPEST, providers, PRICES),
        size=5,
        parameters=QueryDict(f"after=0~~~0~{'9' * 40}~1"),
        shape=lambda queryset: queryset.values(*NEEDED),
    )

    assert page.rows == []
    assert page.first_url == "?"
