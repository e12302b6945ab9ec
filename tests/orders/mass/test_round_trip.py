"""What the hub exports can be uploaded again, without a changed byte."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import MassLine, MassOrder, Order
from tests.helpers.makers import make_provider, make_service
from tests.orders.mass.test_views import begin

LINKS = [
    "@some.name",
    "https://example.com/p/1",
    "https://example.com/?a=1;b=2",
    "some.name",
    "https://example.com/a,b",
]


@pytest.fixture
def service(db: None) -> Any:
    return make_service(make_provider(name="=Main; +One"), external_id="102", name="@Followers HQ, real")


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def upload(client: Client, content: bytes, name: str) -> list[MassLine]:
    response = client.post(reverse("orders:mass"), {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.content.decode()
    return list(MassOrder.objects.latest("pk").lines.order_by("number"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_of_orders_is_ordered_again(as_manager: Client, service: Any, form: str) -> None:
    orders = [
        Order.objects.create(
            provider=service.provider, service=service, link=link, quantity=1_000 + number, status="completed"
        )
        for number, link in enumerate(LINKS)
    ]

    content = content_of(as_manager.get(reverse("orders:export", args=[form])))
    lines = upload(as_manager, content, f"orders.{form}")

    assert [line.fault for line in lines] == [""] * len(LINKS)
    assert [(line.link, line.quantity) for line in lines] == [
        (order.link, order.quantity) for order in reversed(orders)
    ]
    assert {line.service_id for line in lines} == {service.pk}
    assert {line.provider_id for line in lines} == {service.provider_id}


def test_the_outcome_of_a_mass_order_is_uploaded_again(as_manager: Client, service: Any) -> None:
    batch = begin(as_manager, "\n".join(f"102|{link}|1000" for link in LINKS))

    content = content_of(as_manager.get(reverse("orders:mass_download", args=[batch.pk])))
    lines = upload(as_manager, content, "outcome.csv")

    assert b"'@some.name" in content
    assert [line.fault for line in lines] == [""] * len(LINKS)
    assert [(line.link, line.quantity) for line in lines] == [(link, 1000) for link in LINKS]
