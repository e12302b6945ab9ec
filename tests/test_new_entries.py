"""A sixth provider and a new order type are one entry each: added in memory here, and ordered with at the sandbox."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from django.urls import reverse

from orders import order_types
from orders.models import Order
from orders.placement.services import create_order
from orders.roles import ROLES
from orders.submission.services import send_due
from providers import dialects
from providers.dialects.protocol import Action
from providers.models import Service
from providers.sandbox import Sandbox, sandbox
from providers.sandbox.books.records import Service as PanelService
from providers.sandbox.documents import DOCUMENTS, Text
from providers.sandbox.shop import order_types as panel_types
from providers.sandbox.shop import orders as panel_orders
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service
from tests.helpers.makers import make_person
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db

LINK = "https://example.com/p/1"


def place(service: Service, **fields: str) -> Order:
    order = create_order(user=make_person(), service=service, fields={"link": LINK, **fields})
    assert send_due(service.provider).outcomes["accepted"] == 1
    order.refresh_from_db()
    return order


def test_a_sixth_provider_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    plus = dialects.DIALECTS["smmplus"]
    sixth = replace(
        plus,
        slug="sixth",
        title="sixth.example",
        actions={action: spec for action, spec in plus.actions.items() if action is not Action.cancel},
        missing={Action.cancel: "Its document has no cancel."},
    )
    monkeypatch.setattr(dialects, "DIALECTS", MappingProxyType({**dialects.DIALECTS, "sixth": sixth}))
    document = replace(
        DOCUMENTS["smmplus"], slug="sixth", texts={**DOCUMENTS["smmplus"].texts, Text.bad_link: "No link"}
    )
    monkeypatch.setattr(sandbox, "DOCUMENTS", MappingProxyType({**DOCUMENTS, "sixth": document}))
    with Sandbox(only=["sixth"]) as box:
        panel = box.panel("sixth")
        panel.balance = 1_000_000
        service = list_service(join(box, "sixth"), pick_service(panel))

        order = place(service, quantity=str(service.min_quantity))

        assert order.status == "pending"
        assert set(panel.orders) == {int(order.external_id or 0)}
        assert Action.cancel not in service.provider.speaks.actions
        assert Action.refill in service.provider.speaks.actions


def test_an_order_type_is_one_entry(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = order_types.Parameter("topic", "Topic", order_types.ParameterKind.LINE)
    kind = order_types.OrderType("reviews", "Reviews", (order_types.LINK, order_types.QUANTITY, topic))
    monkeypatch.setitem(order_types.TYPES, "reviews", kind)
    monkeypatch.setitem(order_types.PARAMETERS, "topic", topic)
    reviews = panel_types.OrderType("Reviews", ("link", "quantity", "topic"))
    monkeypatch.setitem(panel_types.ORDER_TYPES, "Reviews", reviews)
    monkeypatch.setattr(panel_orders, "KNOWN_PARAMETERS", panel_orders.KNOWN_PARAMETERS | {"topic"})
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    default: PanelService = pick_service(panel)
    panel.services[90_001] = replace(default, id=90_001, type="Reviews")
    service = list_service(join(box, "smmplus"), panel.services[90_001])
    quantity = str(service.min_quantity)

    order = place(service, quantity=quantity, topic="noodles")

    (call,) = calls_of(panel, "add")
    assert (call.params["topic"], call.params["quantity"]) == ("noodles", quantity)
    assert order.expected_charge is not None
    assert order.expected_charge == service.rate * int(quantity) / 1000
    browser = log_in(make_person(*ROLES["manager"]))
    page = browser.get(reverse("providers:services"), {"type": "reviews"}).content.decode()
    assert '<option value="reviews" selected>Reviews</option>' in page
