"""Catalogues in shapes beyond the corpus: where a reader must look, and where it must not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.client.errors import Unknown
from providers.client.outcome import Rules
from providers.client.types import (
    MAX_DESCRIPTION,
    MAX_NAME,
    ProductRow,
    ServiceRow,
)
from providers.dialects import Action
from tests.providers.client.reading import read

ROW = {"service": 1, "name": "Likes", "rate": "0.90"}
POISON: list[Any] = [
    None,
    "text",
    7,
    [],
    {},
    {"name": "no id", "rate": "1"},
    {"service": 0, "rate": "1"},
    {"service": True, "rate": "1"},
    {"service": "", "rate": "1"},
    {"service": [5], "rate": "1"},
    {"service": 5},
    {"service": 5, "rate": None},
    {"service": 5, "rate": "free"},
    {"service": 5, "rate": "-1"},
    {"service": 5, "rate": "1e400"},
    {"service": 5, "rate": "NaN"},
    {"service": 5, "rate": True},
    {"service": 5, "rate": {"usd": 1}},
]


def services(body: Any, **options: Any) -> list[ServiceRow]:
    rows: list[ServiceRow] = read(Action.services, body, **options)[0]
    return rows


def test_a_poison_row_is_left_out_and_counted_and_harms_no_other() -> None:
    rows, skipped = read(Action.services, [ROW, *POISON, {**ROW, "service": 2}])

    assert [row.id for row in rows] == ["1", "2"]
    assert skipped == len(POISON)


def test_a_list_of_which_nothing_can_be_used_is_no_empty_catalogue() -> None:
    assert isinstance(read(Action.services, POISON), Unknown)
    assert isinstance(read(Action.products, [{"product": 1}]), Unknown)
    assert services([]) == []
    assert read(Action.products, []) == []


def test_an_empty_list_under_an_error_status_is_no_catalogue() -> None:
    assert isinstance(read(Action.services, [], status=503), Unknown)
    assert isinstance(read(Action.services, [], status=404), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        [ROW],
        {"services": [ROW]},
        {"status": "success", "services": [ROW]},
        {"status": True, "data": [ROW]},
        {"data": {"services": [ROW]}},
        {"0": ROW},
        {"data": {"3": ROW}},
        {"SERVICES": [{"Service": 1, "Name": "Likes", "Rate": "0.90"}]},
        [{"id": 1, "name": "Likes", "price": 0.90}],
        [{" service ": "1", "name": "Likes", "rate": "$0.90"}],
    ],
    ids=str,
)
def test_a_service_list_in_any_of_its_wrappers(body: Any) -> None:
    [row] = services(body)

    assert (row.id, row.name, row.rate) == ("1", "Likes", Decimal("0.9"))


def test_an_empty_list_may_be_described_in_words() -> None:
    assert services({"status": "success", "data": "Empty Data"}) == []


@pytest.mark.parametrize(
    "body",
    [{"service": 1, "rate": "1"}, {"hello": {"world": 1}}, {"data": "soon"}, {}, "7", {"services": None}],
    ids=str,
)
def test_what_is_no_service_list(body: Any) -> None:
    assert isinstance(read(Action.services, body), Unknown)


def test_of_two_rows_with_one_id_the_last_counts_in_the_place_of_the_first() -> None:
    rows = services([{**ROW, "name": "old"}, {**ROW, "service": 2}, {**ROW, "service": "1", "name": "new"}])

    assert [(row.id, row.name) for row in rows] == [("1", "new"), ("2", "Likes")]


@pytest.mark.parametrize(
    ("given", "slug", "label"),
    [
        ("Default", "default", "Default"),
        ("Custom Comments", "custom_comments", "Custom Comments"),
        ("Custom_comments", "custom_comments", "Custom_comments"),
        ("custom-comments", "custom_comments", "custom-comments"),
        ("Custom Comments Package", "custom_comments_package", "Custom Comments Package"),
        ("SEO", "seo", "SEO"),
        ("Subscription", "subscriptions", "Subscription"),
        ("Subscriptions", "subscriptions", "Subscriptions"),
        ("Mentions Hastag", "mentions_hashtag", "Mentions Hastag"),
        ("Likes spread", "likes_spread", "Likes spread"),
        ("", "default", ""),
        (None, "default", ""),
        ([], "default", ""),
        (True, "default", ""),
    ],
)
def test_types_become_slugs(given: Any, slug: str, label: str) -> None:
    [row] = services([{**ROW, "type": given}])

    assert (row.type, row.type_label) == (slug, label)


def test_labels_may_be_numbers_objects_or_nothing() -> None:
    rows = services(
        [
            {**ROW, "service": 1, "category": 4, "name": 77},
            {**ROW, "service": 2, "category": {"id": 4, "Name": "Instagram"}, "name": None},
            {**ROW, "service": 3, "category": None, "name": ["x"]},
            {**ROW, "service": 4, "category": True, "name": True},
            {**ROW, "service": 5, "category": 1, "name": 1.5},
            {**ROW, "service": 6, "category": {"name": {"deep": 1}}},
        ]
    )

    assert [row.category for row in rows] == ["4", "Instagram", "", "", "1", ""]
    assert [row.name for row in rows] == ["77", "", "", "", "1.5", "Likes"]


def test_descriptions_go_by_three_names_and_lose_their_tags() -> None:
    rows = services(
        [
            {**ROW, "service": 1, "desc": "<p>Fast</p>", "average_time": "1 hour"},
            {**ROW, "service": 2, "desc": None, "description": "Slow &amp; sure"},
            {**ROW, "service": 3, "note": "-", "average_time": 15},
        ]
    )

    assert [row.description for row in rows] == ["Fast", "Slow & sure", "-"]
    assert [row.average_time for row in rows] == ["1 hour", "", "15"]


def test_limits_go_by_two_names() -> None:
    [row] = services([{**ROW, "min_order": "10", "max_order": "1,000"}])

    assert (row.min, row.max) == (10, 1000)


def test_texts_are_cut() -> None:
    [row] = services([{**ROW, "name": "n" * 9999, "category": "c" * 9999, "desc": "d" * 99_999, "type": "t" * 999}])

    assert (len(row.name), len(row.category), len(row.description), len(row.type)) == (
        MAX_NAME,
        300,
        MAX_DESCRIPTION,
        60,
    )


def test_an_account_with_decimal_commas() -> None:
    rules = Rules(decimal_comma=True)

    assert services([{**ROW, "rate": "15,000"}], rules=rules)[0].rate == 15
    assert services([{**ROW, "rate": "15,000"}])[0].rate == 15000
    assert read(Action.balance, {"balance": "1,250"}, rules=rules).balance == Decimal("1.25")


def test_the_documented_product_list_as_it_was_meant() -> None:
    body = [
        {
            "product": 1,
            "name": "Netflix premium 1 month",
            "require": "Input your account",
            "rate": 2.5,
            "min": 1,
            "max": 10,
            "category": "Netflix",
            "status": "In stock",
            "inventory": 40,
            "type": "Auto",
        },
        {"product": 2, "name": "Youtube", "require": "Input", "rate": 5, "status": "Out of stock", "inventory": 0},
        {"product": 3, "name": "Facebook account", "rate": 0.5, "status": "?", "type": "Service"},
    ]

    first, second, third = read(Action.products, body)

    assert first == ProductRow(
        id="1",
        name="Netflix premium 1 month",
        require="Input your account",
        rate=Decimal("2.5"),
        min=1,
        max=10,
        category="Netflix",
        in_stock=True,
        inventory=40,
        type="auto",
    )
    assert (second.in_stock, second.inventory, second.type, second.min) == (False, 0, "", None)
    assert (third.in_stock, third.inventory, third.type, third.require) == (None, None, "service", "")
