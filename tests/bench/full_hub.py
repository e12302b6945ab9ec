"""A hub that has been in use for years: services, orders and their totals, for rows that look at pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from orders.links import key_of

CHUNK: Final = 10_000
YEARS: Final = timedelta(days=730)
PEOPLE: Final = 20
CLIENTS: Final = 200
MASS_ORDERS: Final = 40
LINES: Final = 250
"""Orders of each mass order; each has a line."""
PLATFORMS: Final = ("Instagram Followers", "YouTube Views", "TikTok Likes", "Facebook Page Likes", "Telegram Members")
# Of a thousand orders: most are long done, a few wait for someone. The key of the last one is above all numbers.
STATES: Final = (
    (1, "unconfirmed"), (2, "held"), (4, "queued"), (30, "pending"), (60, "processing"), (110, "in_progress"),
    (120, "rejected"), (130, "canceled"), (170, "partial"), (1000, "completed"),
)  # fmt: skip
OPEN_AT_PROVIDER: Final = frozenset({"pending", "processing", "in_progress"})


@dataclass(slots=True)
class FullHub:
    """Primary keys for the pages under test."""

    person: Any
    providers: list[int] = field(default_factory=list)
    services: list[int] = field(default_factory=list)
    mass_orders: list[int] = field(default_factory=list)
    orders: int = 0


def fill(*, orders: int, services: int) -> FullHub:
    """Put so many orders and services in, over five providers; statements of ten thousand rows each."""
    from django.contrib.auth.models import User

    from orders.statistics.quality import refresh_quality
    from orders.statistics.rollups import refresh_days
    from providers.models import Provider, Service

    hub = FullHub(person=User.objects.create_superuser("pages"))
    people = [hub.person.pk, *(User.objects.create(username=f"pages-{number}").pk for number in range(1, PEOPLE))]
    for number in range(5):
        provider = Provider.objects.create(
            name=f"Pages {number}", dialect="smmplus", api_url="https://bench.invalid/api/v2", currency="USD"
        )
        hub.providers.append(provider.pk)
    _add_services(hub, services)
    hub.services = list(Service.objects.filter(provider__in=hub.providers).order_by("pk").values_list("pk", flat=True))
    _add_mass_orders(hub)
    _add_orders(hub, people, orders)
    _add_lines(hub)
    today = timezone.localdate()
    refresh_days(today - timedelta(days=back) for back in range(90))
    refresh_quality()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return hub


def _add_services(hub: FullHub, count: int) -> None:
    from panelhub.db.bulk import insert_rows
    from providers.models import Service
    from providers.models.search_text import search_text

    rows = []
    for number in range(1, count + 1):
        title = PLATFORMS[number % 5]
        name = f"{title} [Refill: {number % 90} Days] [Max: {number % 500}K] {number % 7919}"
        category = f"{title} · {number % 97}"
        external_id = str(number)
        rate = Decimal(number * 7919 % 100_000) / 1000 + Decimal("0.01")
        rows.append(
            (hub.providers[number % 5], external_id, name, category, rate, 10, 10_000 + number % 9, number % 3 == 0,
             title.partition(" ")[0].lower(), search_text(external_id, name, category), rate)
        )  # fmt: skip
    columns = (
        "provider", "external_id", "name", "category", "rate", "min_quantity", "max_quantity", "refill", "platform",
        "search_text", "hub_rate",
    )  # fmt: skip
    for start in range(0, count, CHUNK):
        insert_rows(Service, columns, rows[start : start + CHUNK], type="default", type_label="Default")


def _add_mass_orders(hub: FullHub) -> None:
    from orders.models import MassOrder

    made = MassOrder.objects.bulk_create(
        MassOrder(created_by=hub.person, name=f"Mass {number}", status="done", total=LINES, good=LINES, placed=LINES)
        for number in range(MASS_ORDERS)
    )
    hub.mass_orders = [row.pk for row in made]


def _add_orders(hub: FullHub, people: list[int], count: int) -> None:
    from orders.models import Order, OrderEvent
    from panelhub.db.bulk import insert_rows

    columns = (
        "uid", "provider", "service", "created_by", "external_id", "link", "target_key", "quantity", "remains",
        "status", "provider_status", "charge", "created_at", "placed_at", "tier", "client_label", "mass_order",
    )  # fmt: skip
    now = timezone.now()
    for start in range(0, count, CHUNK):
        rows = [_order(hub, people, number, count, now) for number in range(start, min(start + CHUNK, count))]
        insert_rows(Order, columns, rows, currency="USD")
    hub.orders = count
    newest = Order.objects.order_by("-pk").values_list("pk", flat=True)[:CHUNK]
    lines = [(pk, kind, after) for pk in newest for kind, after in (("created", "queued"), ("state", "pending"))]
    insert_rows(OrderEvent, ("order", "kind", "after"), lines)


def _order(hub: FullHub, people: list[int], number: int, count: int, now: datetime) -> tuple[Any, ...]:
    share = number * 7919 % 1000
    status = next(status for upto, status in STATES if share < upto)
    link = f"https://www.instagram.com/p/{number}/"
    key = key_of(link)
    at = now - YEARS * ((count - number) / count)
    placed = status not in {"held", "queued", "rejected", "unconfirmed"}
    mass = number // LINES if number < MASS_ORDERS * LINES else None
    return (
        uuid.uuid4(),
        hub.providers[number % 5],
        hub.services[number * 5 % len(hub.services) // 5 * 5 + (number + 4) % 5] if hub.services else None,
        people[number % PEOPLE],
        str(10_000_000 + number) if placed else None,
        link,
        key,
        1000,
        0 if status == "completed" else number % 1000,
        status,
        "Completed" if status == "completed" else "",
        Decimal(number % 5000) / 1000 if placed else None,
        at,
        at if placed else None,
        2 if status in OPEN_AT_PROVIDER else 0,
        f"Client {number % CLIENTS}" if number % 3 == 0 else "",
        None if mass is None else hub.mass_orders[mass],
    )


def _add_lines(hub: FullHub) -> None:
    from orders.models import MassLine, Order
    from panelhub.db.bulk import insert_rows

    for mass_order in hub.mass_orders:
        orders = Order.objects.filter(mass_order=mass_order).order_by("pk").values_list("pk", "provider_id", "link")
        rows = [(number, provider, link, pk) for number, (pk, provider, link) in enumerate(orders, start=1)]
        insert_rows(MassLine, ("number", "provider", "link", "order"), rows, mass_order=mass_order, quantity=1000)
