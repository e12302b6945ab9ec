"""Records of an account's calls."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Attempt, Order, Refill
from orders.roles import ROLES
from providers.models import CallRecord, Provider
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
)
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db: None) -> Client:
    return log_in(make_person(*ROLES["manager"]))


def calls_of(provider: Provider) -> str:
    return reverse("providers:calls", args=[provider.pk])


def make_record(provider: Provider, **fields: Any) -> CallRecord:
    plain = {
        "action": "add",
        "outcome": "ok",
        "is_paid": True,
        "http_status": 200,
        "sent": {"key": "•••", "action": "add", "link": "https://example.com/<b>"},
        "excerpt": '{"order": 4711}',
        "request_id": "0123456789abcdef",
        "seconds": 0.25,
    }
    return CallRecord.objects.create(provider=provider, **(plain | fields))


def test_a_paid_call_is_shown_whole_with_what_it_was_about(browser: Client) -> None:
    provider = make_provider()
    order = Order.objects.create(provider=provider)
    call = uuid.uuid4()
    Attempt.objects.create(call=call, provider=provider, action="add", order=order)
    make_record(provider, call=call)

    page = text_of(browser.get(calls_of(provider)))

    for shown in ("key = •••", "https://example.com/&lt;b&gt;", "4711", "HTTP 200", "0.25 s", "0123456789abcdef"):
        assert shown in page
    assert reverse("orders:detail", args=[order.pk]) in page


def test_a_call_for_several_names_them_all(browser: Client) -> None:
    provider = make_provider()
    orders = [Order.objects.create(provider=provider) for _ in range(3)]
    call = uuid.uuid4()
    for order in orders:
        refill = Refill.objects.create(order=order)
        Attempt.objects.create(call=call, provider=provider, action="multi_refill", refill=refill)
    make_record(provider, call=call, action="multi_refill")

    page = text_of(browser.get(calls_of(provider)))

    assert all(reverse("orders:detail", args=[order.pk]) in page for order in orders)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"paid ok", "paid bad", "read bad"}),
        ("kind=paid", {"paid ok", "paid bad"}),
        ("kind=reads", {"read bad"}),
        ("kind=failed", {"paid bad", "read bad"}),
        ("action=status", {"read bad"}),
        ("kind=nonsense&after=nonsense", {"paid ok", "paid bad", "read bad"}),
    ],
)
def test_records_are_narrowed(browser: Client, query: str, expected: set[str]) -> None:
    provider = make_provider()
    make_record(provider, detail="paid ok")
    make_record(provider, detail="paid bad", outcome="Unknown")
    make_record(provider, detail="read bad", outcome="NotSent", is_paid=False, action="status", sent=None)

    page = text_of(browser.get(f"{calls_of(provider)}?{query}"))

    assert {text for text in ("paid ok", "paid bad", "read bad") if text in page} == expected


def test_what_went_over_the_wire_is_for_those_who_run_things(browser: Client) -> None:
    provider = make_provider()
    make_record(provider, detail="in its own words")
    viewer = log_in(make_person(*ROLES["viewer"]))

    page = text_of(viewer.get(calls_of(provider)))

    assert "in its own words" in page
    assert "4711" not in page
    assert "example.com" not in page


def test_calls_of_a_provider_one_is_not_granted_are_not_there() -> None:
    manager = make_person(*ROLES["manager"])
    mine, other = make_provider(), make_provider()
    grant(manager, mine)

    assert log_in(manager).get(calls_of(other)).status_code == 404


def test_pages_follow_each_other_and_cost_the_same(browser: Client, django_assert_max_num_queries: Any) -> None:
    provider = make_provider()
    CallRecord.objects.bulk_create(
        CallRecord(
            provider=provider, action="add", is_paid=True, outcome="ok", detail=f"call {number:03}", call=uuid.uuid4()
        )
        for number in range(120)
    )
    browser.get(calls_of(provider))
    with django_assert_max_num_queries(8):
        first = text_of(browser.get(calls_of(provider)))
    last = CallRecord.objects.get(detail="call 070").pk
    second = text_of(browser.get(f"{calls_of(provider)}?after={last}"))

    assert "call 119" in first
    assert "call 069" not in first
    assert "call 069" in second
    assert "call 070" not in second
