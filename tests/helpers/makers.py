"""Rows for the tests of orders: each function makes one, with what a test does not care about filled in."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from orders.models import Attempt, Client, Order, Person, ProductOrder, WindowSearch
from providers.models import Product, Provider, Service, ServiceChange

_numbers = itertools.count(1)
# Longer ago than any call can take.
LONG_AGO = timedelta(minutes=10)


def make_provider(dialect: str = "smmplus", **fields: Any) -> Provider:
    """Return a provider that is never called: its address leads nowhere."""
    fields = {
        "name": f"{dialect} {next(_numbers)}",
        "api_url": "https://panel.invalid/api/v2",
        "currency": "USD",
    } | fields
    return Provider.objects.create(dialect=dialect, **fields)


def make_service(provider: Provider | None = None, **fields: Any) -> Service:
    """Return a service of 0.90 a thousand, from 10 to 10,000."""
    provider = provider or make_provider()
    number = next(_numbers)
    plain: dict[str, Any] = {
        "external_id": str(number),
        "name": f"Service {number}",
        "rate": Decimal("0.90"),
        "min_quantity": 10,
        "max_quantity": 10_000,
    }
    return Service.objects.create(provider=provider, **(plain | fields))


def make_product(provider: Provider | None = None, **fields: Any) -> Product:
    """Return a product of 2.50 each, from 1 to 10, 40 in stock."""
    provider = provider or make_provider("smmvna")
    number = next(_numbers)
    plain: dict[str, Any] = {
        "external_id": str(number),
        "name": f"Product {number}",
        "rate": Decimal("2.50"),
        "min_quantity": 1,
        "max_quantity": 10,
        "in_stock": True,
        "inventory": 40,
        "category": "Netflix",
        "type": "Auto",
    }
    return Product.objects.create(provider=provider, **(plain | fields))


def make_person(*permissions: str, sees_all: bool = True, limit_set: bool = True, **fields: Any) -> User:
    """Return a person with the permissions named ``app.codename``, who sees all providers unless ``sees_all`` is off.

    An administrator set no limit for them: they may spend any amount, unless ``limit_set`` is off.
    """
    person = User.objects.create_user(f"person{next(_numbers)}", password="correct horse battery", **fields)
    there = Permission.objects.filter(codename__in=[name.partition(".")[2] for name in permissions])
    keys = {f"{app}.{name}": pk for pk, app, name in there.values_list("pk", "content_type__app_label", "codename")}
    given = User.user_permissions.through
    given._default_manager.bulk_create(given(user=person, permission_id=keys[name]) for name in set(permissions))
    if sees_all:
        Person.objects.create(user=person, all_providers=True, no_limit=limit_set)
    return person


def grant(person: User, *providers: Provider) -> Person:
    """Let a person see these providers alone."""
    row = set_limits(person, all_providers=False)
    row.providers.set(providers)
    return row


def set_limits(person: User, **fields: Any) -> Person:
    """Set fields of what a person may see and spend; a new row sees every provider and has no limit."""
    defaults = {"all_providers": True, "no_limit": True} | fields
    row, _made = Person.objects.update_or_create(user=person, defaults=fields, create_defaults=defaults)
    person.person = row
    return row


def make_client(name: str = "", **fields: Any) -> Client:
    """Return a client who is billed 25 % above the charge."""
    return Client.objects.create(**({"name": name or f"Client {next(_numbers)}", "markup": Decimal(25)} | fields))


def limit_to_clients(person: User, *clients: Client) -> User:
    """Let a person see the orders of these clients alone; returns them as a new request loads them."""
    set_limits(person, all_clients=False).clients.set(clients)
    return User.objects.get(pk=person.pk)


def make_order(service: Service | None = None, **fields: Any) -> Order:
    """Return an order of 1,000 that its provider works on.

    With ``provider`` alone, a service of that provider is made.
    """
    service = service or make_service(fields.pop("provider", None))
    plain = {"link": "https://a.example/p/1", "quantity": 1_000, "status": "in_progress", "currency": "USD"}
    return Order.objects.create(**({"provider": service.provider, "service": service} | plain | fields))


def make_product_order(product: Product | None = None, **fields: Any) -> ProductOrder:
    """Return an order of two of a product, for 5.00, that its provider works on."""
    product = product or make_product()
    plain: dict[str, Any] = {"quantity": 2, "status": "in_progress", "external_id": str(fields.get("pk", "")) or None}
    plain |= {"currency": "USD", "expected_charge": Decimal(5)}
    return ProductOrder.objects.create(provider=product.provider, product=product, **(plain | fields))


def make_change(service: Service, kind: str, before: str = "", after: str = "", **fields: Any) -> ServiceChange:
    """Return a change of a service that a catalogue brought."""
    return ServiceChange.objects.create(
        service=service, provider=service.provider, kind=kind, before=before, after=after, **fields
    )


def make_completed_order(provider: Provider | None = None, **fields: Any) -> Order:
    """Return an order of 100 that its provider completed, of a service with refill and cancel."""
    service = fields.pop("service", None) or make_service(provider, refill=True, cancel=True)
    plain = {"status": "completed", "external_id": str(next(_numbers)), "quantity": 100}
    return make_order(service, **(plain | fields))


def make_lost(provider: Provider | None = None, *, sent: timedelta = LONG_AGO, **fields: Any) -> Order:
    """Return an order that was sent some time ago and got no answer: unconfirmed, with the attempt that was made."""
    at = timezone.now() - sent
    plain: dict[str, Any] = {
        "status": "unconfirmed",
        "claim": uuid.uuid4(),
        "claimed_at": at,
        "error": "connection <reset>",
        "billed_quantity": 1000,
        "expected_charge": Decimal("0.90"),
    }
    order = make_order(**({"provider": provider or make_provider()} | plain | fields))
    Attempt.objects.create(
        call=order.claim or uuid.uuid4(),
        provider=order.provider,
        order=order,
        action="add",
        started_at=at,
        finished_at=at,
        outcome="unknown",
        detail="connection <reset>",
        seconds=0.4,
    )
    return order


def make_search(order: Order, *ids: str, verdict: str = "", **fields: Any) -> WindowSearch:
    """Return a search for an unconfirmed order that is over, with candidates of these ids."""
    candidates = [
        {
            "id": one,
            "status": "pending",
            "word": "Pending",
            "charge": "0.90",
            "currency": "USD",
            "start_count": 0,
            "remains": 1000,
            "children": [],
            "seen": False,
            "fits": True,
            "why": "",
        }
        for one in ids
    ]
    plain = {"asked": 120, "calls": 2, "ranges": [[101, 220]], "finished_at": timezone.now(), "verdict": verdict}
    return WindowSearch.objects.create(order=order, candidates=candidates, **(plain | fields))
