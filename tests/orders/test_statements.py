"""A page takes the same statements over ten rows and over ten thousand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.models import MassLine, MassOrder, Order
from panelhub import context_processors
from panelhub.db.bulk import insert_rows
from providers.catalogue.filters import SORTS
from providers.models import Product, Service
from tests.helpers.makers import make_person, make_product, make_provider, make_service
from tests.helpers.pages import log_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from providers.models import Provider

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 10_000
# What an order may be in, each often enough that every tab has a full page of it.
STATES = ("unconfirmed", "held", "queued", "in_progress", "completed", "partial", "rejected")


class Hub:
    """One provider, one mass order, and as many rows of everything as asked for."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.provider: Provider = make_provider("smmvna", balance=Decimal(1_000))
        self.service = make_service(self.provider)
        self.product = make_product(self.provider)
        self.mass_order = MassOrder.objects.create(created_by=person, status="done", total=MANY, good=MANY)
        self.rows = 0

    def grow_to(self, rows: int) -> None:
        """Add services, products, orders and lines of the mass order until there are so many of each."""
        numbers = range(self.rows, rows)
        named = [(str(1_000_000 + number), f"Views {number}", f"views {number}") for number in numbers]
        columns = ("external_id", "name", "search_text")
        insert_rows(Service, columns, named, provider=self.provider.pk, rate=Decimal("0.9"))
        insert_rows(Product, columns, named, provider=self.provider.pk, rate=Decimal("2.5"))
        now = timezone.now()
        orders = [
            (
                uuid.uuid4(),
                STATES[number % len(STATES)],
                f"https://example.com/p/{number}",
                str(number) if STATES[number % len(STATES)] in {"in_progress", "completed", "partial"} else None,
                now - timedelta(minutes=number),
            )
            for number in numbers
        ]
        insert_rows(
            Order,
            ("uid", "status", "link", "external_id", "created_at"),
            orders,
            provider=self.provider.pk,
            service=self.service.pk,
            created_by=self.person.pk,
            mass_order=self.mass_order.pk,
            quantity=100,
            currency="USD",
        )
        keys = Order.objects.filter(mass_order=self.mass_order, mass_line=None).order_by("pk")
        lines = [
            (number, f"1|https://example.com/p/{number}|100", pk)
            for number, pk in enumerate(keys.values_list("pk", flat=True), start=self.rows + 1)
        ]
        insert_rows(
            MassLine,
            ("number", "text", "order"),
            lines,
            mass_order=self.mass_order.pk,
            provider=self.provider.pk,
            service=self.service.pk,
        )
        self.rows = rows

    def pages(self) -> list[str]:
        """Return what staff look at all day, each list with its tabs, filters and orders."""
        orders, services = reverse("orders:list"), reverse("providers:services")
        lists = [f"{orders}?tab={tab}" for tab in ("", "attention", "active", "done", "refused")]
        lists += [
            f"{orders}?{query}"
            for query in (
                f"provider={self.provider.pk}",
                f"person={self.person.pk}",
                f"service={self.service.pk}",
                f"mass={self.mass_order.pk}",
                "status=completed",
                f"since={timezone.localdate() - timedelta(days=3)}",
                "q=https://example.com/p/3",
                "q=nothing-of-the-kind",
            )
        ]
        lists += [f"{services}?sort={sort.slug}" for sort in SORTS]
        lists += [f"{services}?q=views", f"{services}?q=vi", f"{services}?provider={self.provider.pk}"]
        return [
            *lists,
            reverse("orders:products"),
            reverse("orders:product_orders"),
            reverse("orders:unconfirmed"),
            reverse("orders:mass"),
            reverse("orders:mass_detail", args=[self.mass_order.pk]),
            reverse("orders:dashboard"),
            reverse("orders:money"),
            reverse("orders:detail", args=[Order.objects.order_by("pk")[0].pk]),
            reverse("providers:list"),
            reverse("providers:detail", args=[self.provider.pk]),
            reverse("providers:service", args=[self.service.pk]),
        ]


def count_statements(browser: Any, url: str) -> int:
    """Statements of one page, the look whether a worker is alive (every few seconds) included."""
    context_processors.forget_look()
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200, url
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)


def test_a_page_takes_the_same_statements_over_ten_rows_and_over_ten_thousand() -> None:
    person = make_person(is_superuser=True)
    browser, hub = log_in(person), Hub(person)
    hub.grow_to(FEW)
    pages = hub.pages()
    for url in pages:
        # What a process remembers from its first look on is no part of a page's cost.
        browser.get(url)
    few = {url: count_statements(browser, url) for url in pages}

    hub.grow_to(MANY)

    assert {url: count_statements(browser, url) for url in pages} == few
