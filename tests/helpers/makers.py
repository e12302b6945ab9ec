"""Rows for the tests of orders: each function makes one, with what a test does not care about filled in."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission, User

from orders.models import Person
from providers.models import Product, Provider, Service

_numbers = itertools.count(1)


def make_provider(dialect: str = "smmplus", **fields: Any) -> Provider:
    """A provider that is never called: its address leads nowhere."""
    fields = {
        "name": f"{dialect} {next(_numbers)}",
        "api_url": "https://panel.invalid/api/v2",
        "currency": "USD",
    } | fields
    return Provider.objects.create(dialect=dialect, **fields)


def make_service(provider: Provider | None = None, **fields: Any) -> Service:
    """A service of 0.90 a thousand, from 10 to 10,000."""
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
    """A product of 2.50 apiece, from 1 to 10, 40 in stock."""
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


def make_person(*permissions: str, sees_all: bool = True, **fields: Any) -> User:
    """A person with the permissions named as ``app.codename``, who sees every provider unless ``sees_all`` is off."""
    person = User.objects.create_user(f"person{next(_numbers)}", password="correct horse battery", **fields)
    there = Permission.objects.filter(codename__in=[name.partition(".")[2] for name in permissions])
    keys = {f"{app}.{name}": pk for pk, app, name in there.values_list("pk", "content_type__app_label", "codename")}
    given = User.user_permissions.through
    given._default_manager.bulk_create(given(user=person, permission_id=keys[name]) for name in set(permissions))
    if sees_all:
        Person.objects.create(user=person, all_providers=True)
    return person


def grant(person: User, *providers: Provider) -> Person:
    """Let a person see these providers alone."""
    row = set_limits(person, all_providers=False)
    row.providers.set(providers)
    return row


def set_limits(person: User, **fields: Any) -> Person:
    """Set fields of what a person may see and spend; a new row sees every provider."""
    defaults = {"all_providers": True} | fields
    row, _made = Person.objects.update_or_create(user=person, defaults=fields, create_defaults=defaults)
    return row
