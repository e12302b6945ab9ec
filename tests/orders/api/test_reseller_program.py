"""A reseller's program in front of a running hub: it orders over a real socket and wants whole numbers in each row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from orders.models import Order
from tests.helpers.makers import make_service
from tests.orders.api.conftest import make_program, open_service

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Importer:
    """Its table has columns NOT NULL of integers, and its rows are written as they come."""

    url: str
    key: str

    def ask(self, **fields: Any) -> Any:
        body = urlencode({"key": self.key, **fields}).encode()
        with urlopen(self.url, body, timeout=20) as answer:
            return json.load(answer)

    def fetch(self, *ids: int) -> dict[int, tuple[int, int, str]]:
        found = self.ask(action="status", orders=",".join(map(str, ids)))
        return {int(pk): (int(row["start_count"]), int(row["remains"]), row["status"]) for pk, row in found.items()}


def test_every_row_of_an_importer_is_whole_from_the_first_minute_to_the_last(live_server: Any) -> None:
    program = make_program()
    offer = open_service(make_service())
    importer = Importer(live_server.url + "/api/v2", program.key)
    ids = [
        int(importer.ask(action="add", service=offer.pk, link=f"https://a.example/{n}", quantity=300)["order"])
        for n in range(4)
    ]

    fresh = importer.fetch(*ids)

    assert {row[:2] for row in fresh.values()} == {(0, 300)}
    changes: list[dict[str, Any]] = [
        {"status": "in_progress", "start_count": 17},
        {"status": "partial", "start_count": 17, "remains": 40},
        {"status": "completed", "remains": -3},
        {"status": "unconfirmed", "external_id": None},
    ]
    for number, (pk, change) in enumerate(zip(ids, changes, strict=True)):
        Order.objects.filter(pk=pk).update(**({"external_id": str(number)} | change))
    later = importer.fetch(*ids)
    assert [later[pk][:2] for pk in ids[:2]] == [(17, 300), (17, 40)]
    assert all(isinstance(figure, int) for row in later.values() for figure in row[:2])
    one = importer.ask(action="status", order=ids[3])
    assert (int(one["start_count"]), int(one["remains"])) == (0, 300)
