"""Which index answers each question that is asked all day, on a table too large to be read whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.test import TestCase
from django.utils import timezone

from orders.listing.queries import OrderSearch, branches_of, find_orders
from orders.models import Order
from orders.polling import tiers
from orders.polling.subjects import ORDERS
from providers.models import Provider, Service
from providers.models.hub_rates import PLACES
from tests.helpers.makers import make_provider

PROVIDERS = 10
ORDERS_EACH = 1_000
SERVICES = 4_000


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite reads no statistics")
class TestPlans(TestCase):
    """Ten providers with a thousand orders each, the last with 4,000 services; one order in ten is open."""

    busiest: ClassVar[Provider]
    smallest: ClassVar[Provider]
    person: ClassVar[User]

    @classmethod
    def setUpTestData(cls) -> None:
        now = timezone.now()
        cls.person = User.objects.create(username="person")
        providers = [make_provider() for _ in range(PROVIDERS)]
        cls.busiest, cls.smallest = providers[-1], providers[0]
        Service.objects.bulk_create(
            Service(
                provider=cls.busiest if number % 20 else cls.smallest,
                external_id=str(number),
                name=f"Service {number}",
                rate=number,
                platform=("instagram", "tiktok", "youtube", "x")[number % 4],
                kind=("followers", "likes", "views", "comments")[number // 4 % 4],
                type="default" if number % 40 else "poll",
            )
            for number in range(SERVICES)
        )
        Order.objects.bulk_create(
            Order(
                provider=provider,
                created_by=cls.person,
                external_id=str(number) if number % 50 > 1 else None,
                link=f"https://example.com/{number}",
                quantity=100,
                status=_status_of(number),
                tier=_tier_of(number),
                ages_at=now + timedelta(minutes=number),
                created_at=now - timedelta(minutes=number),
            )
            for provider in providers
            for number in range(1, ORDERS_EACH + 1)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE orders_order")
            cursor.execute("ANALYZE providers_service")

    def test_ageing_reads_only_what_is_due(self) -> None:
        plan = plan_of_update(lambda: tiers.age_orders(self.busiest.pk))

        assert "order_ageing" in plan
        assert not read_whole(plan)

    def test_forgotten_orders_are_found_in_an_index_of_their_own(self) -> None:
        plan = plan_of_update(lambda: tiers.find_forgotten(self.busiest.pk))

        assert "order_forgotten" in plan
        assert not read_whole(plan)

    def test_a_round_reads_its_tier_by_keys(self) -> None:
        for tier in ORDERS.paces:
            rows = ORDERS.rows(self.busiest.pk, tier).filter(pk__gt=0).order_by("pk")[:500]

            assert not read_whole(rows.values_list("pk").explain()), tier

    def test_no_list_reads_all_orders(self) -> None:
        provider, person = self.busiest.pk, self.person.pk
        for search in (
            OrderSearch(tab="attention"),
            OrderSearch(tab="active"),
            OrderSearch(tab="done"),
            OrderSearch(status="rejected"),
            OrderSearch(provider=provider),
            OrderSearch(provider=provider, tab="active"),
            OrderSearch(provider=provider, status="partial"),
            OrderSearch(person=person, tab="active"),
            OrderSearch(person=person, tab="attention"),
            OrderSearch(since=timezone.now().date() - timedelta(days=1)),
            OrderSearch(order="status"),
            OrderSearch(order="-status"),
            OrderSearch(order="provider"),
            OrderSearch(order="-provider", tab="done"),
        ):
            found = find_orders(Order.objects.all(), search)
            newest_first = search.sort.ordering(backwards=False)
            for branch in branches_of(search, provider_ids=[provider]) or [Q()]:
                rows = found.filter(branch).order_by(*newest_first)[:51]
                assert not read_whole(rows.values_list("pk").explain()), search

    def test_what_a_person_has_open_is_read_from_an_index_of_it(self) -> None:
        rows = Order.objects.filter(created_by=self.person, status="unconfirmed").order_by("-id")[:51]

        assert "order_live_by_person" in rows.values_list("pk").explain()

    def test_what_a_provider_has_not_completed_is_read_from_an_index_of_it(self) -> None:
        rows = Order.objects.filter(provider=self.busiest, status="partial").order_by("-id")[:51]

        assert "order_unfinished" in rows.values_list("pk").explain()

    def test_services_are_listed_by_price_from_an_index_of_each_way_to_narrow_them(self) -> None:
        provider = Q(provider=self.busiest)
        platform, kind = Q(platform="tiktok"), Q(kind="likes")
        for wanted, order, index in (
            (Q(), ("price", "id"), "service_price"),
            (Q(), ("price_down", "id"), "service_price_down"),
            (Q(), ("shelf", "kind", "price", "id"), "service_shelf_price"),
            (platform, ("price", "id"), "service_(platform_)?price"),
            (platform & kind, ("price", "id"), "service_kind_price"),
            (provider & platform & kind, ("price", "id"), "service_(provider_)?kind_price"),
            (Q(type="poll"), ("price", "id"), "service_type_price"),
            (Q(provider=self.smallest), ("price", "id"), "service_provider_price"),
        ):
            rows = Service.objects.annotate(**PLACES).filter(wanted).order_by(*order)[:51]
            plan = rows.values_list("pk").explain()

            assert re.search(rf"using {index} ", plan), plan
            assert not read_whole(plan)
            assert "Sort" not in plan


def _status_of(number: int) -> str:
    if number % 50 < 2:
        return ("queued", "rejected")[number % 50]
    if number % 10 == 2:
        return "in_progress"
    return "partial" if number % 25 == 3 else "completed"


def _tier_of(number: int) -> int:
    if number % 50 < 2:
        return Order.Tier.NEW
    if number % 10 == 2:
        return Order.Tier.MOVING
    return Order.Tier.RESTING if number % 3 == 0 else Order.Tier.NONE


def read_whole(plan: str) -> set[str]:
    """The tables that a plan reads from end to end."""
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def plan_of_update(run: Callable[[], Any]) -> str:
    """The plan of the one UPDATE that ``run`` makes."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        run()
    ((sql, params),) = [(sql, params) for sql, params in seen if sql.startswith("UPDATE")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())
