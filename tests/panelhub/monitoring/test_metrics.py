"""Figures for Prometheus."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from orders.models import Order, PollRound, ProductOrder, Refill
from orders.roles import ROLES
from panelhub.models import Heartbeat
from providers.calls.rate_limit import CallPriority, reserve_slot
from providers.calls.retention import tidy_records
from providers.models import CallCount, CatalogueHold, Provider, RequestBudget
from tests.helpers.makers import make_person, make_provider, make_service

pytestmark = pytest.mark.django_db
METRICS = reverse("metrics")
TOKEN = "a-token-for-the-scraper"


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.PANELHUB_METRICS_TOKEN = TOKEN


def scrape() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = Client().get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"panelhub_{name}", frozenset(labels.items())


def test_it_is_off_unless_a_token_is_set(settings: Any) -> None:
    settings.PANELHUB_METRICS_TOKEN = ""
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert Client().get(METRICS, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_a_stranger_gets_nothing(header: str) -> None:
    answer = Client().get(METRICS, headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert not answer.content


def test_a_person_gets_nothing_since_it_covers_every_provider() -> None:
    client = Client()
    client.force_login(make_person(*ROLES["administrator"]), backend="panelhub.security.backends.RoleBackend")

    assert client.get(METRICS).status_code == 401
    assert Client().post(METRICS, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_calls_are_reported_by_provider_action_and_outcome_and_never_fall() -> None:
    provider = make_provider(name='North "1"\n')
    for days, outcome, calls in ((0, "ok", 5), (30, "ok", 7), (30, "Unknown", 2)):
        CallCount.objects.create(
            provider=provider, hour=timezone.now() - timedelta(days=days), action="add", outcome=outcome, calls=calls
        )
    before = scrape()
    tidy_records()
    after = scrape()

    assert before[of("calls_total", provider='North "1"\n', action="add", outcome="ok")] == 12
    assert before[of("calls_total", provider='North "1"\n', action="add", outcome="Unknown")] == 2
    assert {key: after[key] for key in before if "calls_total" in key[0]} == {
        key: value for key, value in before.items() if "calls_total" in key[0]
    }


def test_the_budget_the_balance_and_what_stands_in_the_way_are_shown() -> None:
    provider = make_provider(
        name="North", requests_per_minute=300, balance=Decimal("12.5"), currency="USD", pause_kind="no_funds"
    )
    make_provider(name="South", breaker_until=timezone.now())
    RequestBudget.objects.create(provider=provider)
    for _ in range(4):
        reserve_slot(provider.pk, requests_per_minute=300, priority=CallPriority.CLICK)
    CatalogueHold.objects.create(provider=provider, body_hash="a", reason="r")
    make_service(provider, hold_reason="price_jump")

    reported = scrape()

    assert reported[of("budget_requests_per_minute", provider="North")] == 300
    assert reported[of("budget_used", provider="North")] == 4
    assert reported[of("calls_in_flight", provider="North", priority="click")] == 0
    assert reported[of("balance", provider="North", currency="USD")] == 12.5
    assert reported[of("provider_paused", provider="North", reason="no_funds")] == 1
    assert (reported[of("breaker_open", provider="North")], reported[of("breaker_open", provider="South")]) == (0, 1)
    assert reported[of("catalogue_held", provider="North")] == 1
    assert reported[of("services_held", provider="North")] == 1
    assert of("balance", provider="South", currency="") not in reported


def test_orders_are_reported_by_state_with_what_is_unconfirmed_stuck_and_late() -> None:
    provider = make_provider(name="North")
    now = timezone.now()
    long_ago = now - timedelta(days=9)
    Order.objects.create(provider=provider, created_at=now - timedelta(minutes=10))
    Order.objects.create(provider=provider, created_at=long_ago, not_before=now + timedelta(hours=1))
    Order.objects.create(provider=provider, status="unconfirmed")
    Order.objects.create(provider=provider, status="in_progress", external_id="1", created_at=long_ago)
    Order.objects.create(provider=provider, status="in_progress", external_id="2", created_at=long_ago, moved_at=now)
    done = Order.objects.create(provider=provider, status="completed", external_id="3")
    Refill.objects.create(order=done, status="unconfirmed")
    ProductOrder.objects.create(provider=provider, quantity=1, status="queued")
    PollRound.objects.create(provider=provider, kind="orders", tier=1, due_at=now - timedelta(minutes=5))

    reported = scrape()

    assert reported[of("orders", provider="North", kind="order", status="queued")] == 2
    assert reported[of("orders_open", provider="North", kind="order")] == 2
    assert reported[of("orders_unconfirmed", provider="North", kind="order")] == 1
    assert reported[of("orders_unconfirmed", provider="North", kind="refill")] == 1
    assert reported[of("orders_stuck", provider="North")] == 1
    assert 590 < reported[of("queue_age_seconds", provider="North", kind="order")] < 700
    assert reported[of("queue_age_seconds", provider="North", kind="product_order")] < 100
    assert 290 < reported[of("round_overdue_seconds", provider="North", kind="orders")] < 400
    assert of("orders", provider="North", kind="order", status="completed") not in reported


def test_it_shows_whether_the_parts_are_alive() -> None:
    for part in ("clicks", "background", "schedule"):
        assert scrape()[of("part_alive", part=part)] == 0
        Heartbeat.beat(part)
        assert scrape()[of("part_alive", part=part)] == 1
    assert {scrape()[of("part_alive", part=part)] for part in ("web", "database", "disk", "broker")} == {1}


def test_a_scrape_costs_the_same_however_much_there_is(django_assert_num_queries: Any) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            provider = make_provider()
            RequestBudget.objects.create(provider=provider)
            CallCount.objects.create(provider=provider, hour=timezone.now(), action="add", outcome="ok", calls=1)
            Order.objects.create(provider=provider)

    # A sign of this process is written now and then, however often it is asked.
    scrape()
    for count in (1, 12):
        fill(count)
        with django_assert_num_queries(6):
            scrape()
    assert Provider.objects.count() == 13
