"""P7: a mass order of 10,000 lines, from the file to queued orders.

Floor: ``csv`` and one bulk insert of the orders a thousand. Ours reads each line and checks it against the catalogue,
keeps lines and faults, reserves of the spending limit, and writes orders, their links to lines, and history.
"""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any, Final

from django.db import connection

from tests.bench.harness import Row, compare, counting

CHUNK: Final = 1_000


def run(size: int) -> list[Row]:
    """Measure ``size`` lines, on the database that is set up."""
    person, services = _prepare()
    files = _Files(services, size)
    whole = compare(
        lambda number: _floor(person, services, files.text(number)),
        lambda number: _order(person, files.text(number)),
    )
    counts = []
    for lines in (CHUNK, 2 * CHUNK):
        text = _Files(services, lines).text(0)
        with counting() as counted:
            _order(person, text)
        counts.append(counted.total)
    per_thousand = counts[1] - counts[0]
    wall, cpu = whole.ratio("wall"), whole.ratio("cpu")
    return [
        Row("P7", f"{size:,} lines, from the file to queued orders", "≤ 2 × floor",
            f"{whole.median('floors', 'wall'):.2f} s", f"{whole.median('ours', 'wall'):.2f} s",
            f"{wall:.2f}, CPU {cpu:.2f}", wall <= 2),
        Row("P7", "statements for each thousand lines more", "constant", "1", str(per_thousand), "",
            per_thousand <= 40),
    ]  # fmt: skip


class _Files:
    """CSV files in which no link comes twice."""

    def __init__(self, services: list[Any], size: int) -> None:
        self._services = services
        self._size = size

    def text(self, number: int) -> str:
        mark = f"{number}-{uuid.uuid4().hex[:8]}"
        ids = [service.external_id for service in self._services]
        lines = [
            f"{ids[line % len(ids)]},https://example.com/{mark}/{line},{100 + line % 900}" for line in range(self._size)
        ]
        return "\n".join(["service,link,quantity", *lines])


def _prepare() -> tuple[Any, list[Any]]:
    from django.contrib.auth.models import User

    from providers.models import Provider, Service

    provider = Provider.objects.create(
        name="bench mass", dialect="smmplus", api_url="https://bench.invalid/api/v2", currency="USD", balance=1_000_000
    )
    made = Service.objects.bulk_create(
        Service(provider=provider, external_id=str(number), name=f"Views {number}", rate="0.9", min_quantity=10,
                max_quantity=100_000)
        for number in range(1, 101)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return User.objects.create_superuser("bench-mass"), made


def _floor(person: Any, services: list[Any], text: str) -> None:
    from orders.models import Order
    from panelhub.db.bulk import insert_rows

    keys = {service.external_id: service.pk for service in services}
    rows = [
        (uuid.uuid4(), keys[line["service"]], line["link"], int(line["quantity"]))
        for line in csv.DictReader(io.StringIO(text))
    ]
    for start in range(0, len(rows), CHUNK):
        insert_rows(
            Order,
            ("uid", "service", "link", "quantity"),
            rows[start : start + CHUNK],
            provider=services[0].provider_id,
            created_by=person.pk,
        )


def _order(person: Any, text: str) -> None:
    from unittest import mock

    from orders.mass import placement
    from orders.mass import services as mass_services
    from orders.mass.catalogue import Catalogue
    from orders.mass.reader import read_file

    catalogue = Catalogue(user=person)
    reading = read_file(text.encode(), names_provider=catalogue.names_provider)
    with mock.patch.object(mass_services, "notify_worker"), mock.patch.object(placement, "notify_worker"):
        batch = mass_services.create_mass_order(user=person, reading=reading, catalogue=catalogue)
        mass_services.start_placing(batch, by=person)
        while (came := placement.place_chunk(batch.pk)) and not came.get("done"):
            pass
    batch.refresh_from_db()
    if (batch.status, batch.placed) != ("done", len(reading.lines)):
        raise RuntimeError(f"{batch.status}: {batch.placed} of {len(reading.lines)}, {batch.summary}")
