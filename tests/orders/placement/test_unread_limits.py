"""Limits that a list states and that cannot be read: no order goes past them unseen, by form, mass order or API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from orders.models import MassLine, Order
from tests.helpers.makers import make_service
from tests.helpers.mass import begin, place_all
from tests.helpers.pages import text_of
from tests.orders.api.conftest import Program, make_program, open_service

pytestmark = pytest.mark.django_db
LINK = "https://www.instagram.com/p/C8kfj2lsd0a/"


def unread(**fields: Any) -> Any:
    return make_service(max_quantity=None, max_unread="a lot", **fields)


def test_a_mass_order_refuses_them_line_by_line(as_staff: Any) -> None:
    service = unread(external_id="41")

    batch = begin(as_staff, f"41|{LINK}|100", provider=service.provider_id)

    assert "can’t read" in MassLine.objects.get(mass_order=batch).fault
    assert not Order.objects.exists()
    place_all()
    assert not Order.objects.exists()


def test_the_api_refuses_them_with_a_sentence_that_names_no_provider() -> None:
    program: Program = make_program()
    offer = open_service(unread())

    refused = program.call("add", service=offer.pk, link=LINK, quantity=100)

    assert "error" in refused
    assert offer.service is not None
    assert offer.service.provider.name not in refused["error"]
    assert not Order.objects.exists()


def test_the_form_asks_before_it_places(as_staff: Any) -> None:
    fields = {"service": unread().pk, "link": LINK, "quantity": 100, "form_token": str(uuid.uuid4())}

    page = as_staff.post(reverse("orders:create"), fields)

    assert "a lot" in text_of(page)
    assert not Order.objects.exists()
    as_staff.post(reverse("orders:create"), {**fields, "confirm_limits": "1"})
    assert Order.objects.count() == 1
