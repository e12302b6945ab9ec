"""Drip-feed is offered by one rule: in the catalogue's filter, the order form, the API and the order's page."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.urls import reverse

from orders.models import Order
from orders.placement.service_rules import may_dripfeed, rules_of
from providers.catalogue.filters import may_be_dripfeed
from providers.dialects import DIALECTS
from providers.models import Service
from tests.helpers.makers import make_provider, make_service
from tests.helpers.pages import text_of

pytestmark = pytest.mark.django_db
TYPES = ("default", "custom_comments", "package", "subscriptions", "poll", "seo", "mystery")


def test_filter_rule_and_form_agree_for_every_dialect_type_and_word_of_the_list() -> None:
    for slug in DIALECTS:
        provider = make_provider(slug, name=slug)
        for kind, stated in itertools.product(TYPES, (True, False, None)):
            make_service(provider, name=f"{slug} {kind} {stated}", type=kind, dripfeed=stated)

    found = set(Service.objects.filter(may_be_dripfeed()).values_list("pk", flat=True))

    for service in Service.objects.select_related("provider"):
        has_fields = "runs" in {parameter.name for parameter in rules_of(service).parameters}
        assert (service.pk in found) == may_dripfeed(service) == has_fields, service.name


@pytest.mark.parametrize("stated", [True, None, False])
def test_the_form_shows_runs_and_interval_where_the_rule_offers_them(as_staff: Any, stated: bool | None) -> None:
    service = make_service(make_provider("servsmm"), dripfeed=stated)

    page = as_staff.get(reverse("orders:create"), {"service": service.pk}).content.decode()

    assert ('name="runs"' in page) is may_dripfeed(service)


def test_the_order_shows_its_runs_and_counts_the_whole(as_manager: Any) -> None:
    service = make_service(make_provider("smmplus"), dripfeed=True)
    order = Order.objects.create(
        provider=service.provider,
        service=service,
        external_id="77",
        status="in_progress",
        link="https://a.example/p",
        quantity=100,
        billed_quantity=300,
        remains=150,
        parameters={"runs": "3", "interval": "10"},
    )

    page = text_of(as_manager.get(reverse("orders:detail", args=[order.pk])))

    assert "3 × 100, every 10 min = 300" in page
    assert "150 of 300" in page or "50 %" in page
