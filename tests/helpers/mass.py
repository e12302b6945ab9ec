"""Mass orders as people make them: post lines or a file, look at the page, take a step, have them placed."""

from __future__ import annotations

import io
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from orders.mass import placement
from orders.models import MassOrder
from panelhub.background.jobs import job

LINK = "https://example.com/p/"


POLL = {"HX-Request": "true"}


def post(client: Client, **fields: Any) -> Any:
    return client.post(reverse("orders:mass"), fields)


def begin(client: Client, text: str, **fields: Any) -> MassOrder:
    response = post(client, lines=text, **fields)
    assert response.status_code == 302, response.content.decode()
    return MassOrder.objects.latest("pk")


def page_of(client: Client, batch: MassOrder, **parameters: Any) -> str:
    return str(client.get(reverse("orders:mass_detail", args=[batch.pk]), parameters).content.decode())


def take(client: Client, batch: MassOrder, step: str, **fields: Any) -> str:
    response = client.post(reverse(f"orders:mass_{step}", args=[batch.pk]), fields, follow=True)
    return str(response.content.decode())


def place_all() -> None:
    with job("place_mass_orders") as run:
        assert run is not None
        placement.place_waiting(run)


def workbook(*rows: list[Any], sheets: int = 1) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for number in range(1, sheets):
        book.create_sheet(f"More {number}").append(["service", "link"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
