"""Mass orders without a browser: upload lines, place them, read faults and warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.mass import services as mass_services
from orders.mass.catalogue import Catalogue
from orders.mass.reader import read_file, read_paste
from orders.models import MassOrder
from providers.models import Provider
from tests.helpers.mass import place_all


def upload(user: User, text: str, *, provider: Provider | None = None, **options: Any) -> MassOrder:
    default = provider.pk if provider else None
    catalogue = Catalogue(user=user, default_provider_id=default)
    reading = read_paste(text, names_provider=catalogue.names_provider)
    return mass_services.create_mass_order(
        user=user, reading=reading, catalogue=catalogue, provider_id=default, **options
    )


def upload_file(user: User, text: str) -> MassOrder:
    catalogue = Catalogue(user=user)
    reading = read_file(text.encode(), names_provider=catalogue.names_provider)
    return mass_services.create_mass_order(user=user, reading=reading, catalogue=catalogue)


def place(batch: MassOrder, user: User, **options: Any) -> MassOrder:
    mass_services.start_placing(batch, by=user, **options)
    place_all()
    batch.refresh_from_db()
    return batch


def faults(batch: MassOrder) -> list[str]:
    return list(batch.lines.order_by("number").values_list("fault", flat=True))


def statements(count_of: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        count_of()
    return len([query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])
