"""Labels become clients, each once, and orders refer to them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.clients import backfill
from orders.clients.backfill import link_labels, rewrite_labels
from orders.models import Client, MassOrder, Order, ProductOrder
from tests.helpers.makers import make_client, make_order, make_product_order, make_service

pytestmark = pytest.mark.django_db
MODELS = (Order, ProductOrder, MassOrder)


def unlink() -> None:
    """Put everything back as it was before there were clients."""
    for model in MODELS:
        model._default_manager.update(client=None)
    Client.objects.all().delete()


def make_labelled(*labels: str) -> list[Order]:
    service = make_service()
    return [make_order(service, client_label=label) for label in labels]


def test_every_label_becomes_one_client() -> None:
    orders = make_labelled("Acme", "acme", "", "Acme", "Żółw")
    product_order = make_product_order(client_label="Acme")
    MassOrder.objects.create(client_label="Only in a batch")
    unlink()

    assert link_labels(Client, *MODELS) == 6

    assert list(Client.objects.order_by("name").values_list("name", "key")) == [
        ("Acme", "acme"),
        ("Only in a batch", "only in a batch"),
        ("acme", "acme"),
        ("Żółw", "zolw"),
    ]
    names = [Order.objects.select_related("client").get(pk=order.pk).client for order in orders]
    assert [client.name if client else None for client in names] == ["Acme", "acme", None, "Acme", "Żółw"]
    assert ProductOrder.objects.get(pk=product_order.pk).client == Client.objects.get(name="Acme")
    assert link_labels(Client, *MODELS) == 0


def test_the_migration_does_it() -> None:
    make_labelled("Acme")
    unlink()

    import_module("orders.migrations.0035_clients_from_labels").link(apps, None)

    assert Order.objects.filter(client__name="Acme").count() == 1


def test_steps_are_few_and_each_takes_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    make_labelled(*["Acme", "Beta"] * 6)
    unlink()
    monkeypatch.setattr(backfill, "STEP", 4)

    with CaptureQueriesContext(connection) as asked:
        assert link_labels(Client, Order) == 12

    # Names, new clients (in a savepoint) and one update for each step.
    steps = -(-(Order.objects.latest("pk").pk) // 4)
    assert len(asked) <= 1 + 5 * steps


def test_a_new_name_is_written_on_orders_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "STEP", 2)
    client, other = make_client("Acme"), make_client("Beta")
    service = make_service()
    orders = [make_order(service, client=client) for _order in range(5)]
    theirs = make_order(service, client=other)
    client.name, client.is_stale = "Acme Ltd", True
    client.save()

    assert rewrite_labels(client, *MODELS) == 5

    assert set(Order.objects.filter(pk__in=[o.pk for o in orders]).values_list("client_label", flat=True)) == {
        "Acme Ltd"
    }
    theirs.refresh_from_db()
    client.refresh_from_db()
    assert (theirs.client_label, client.is_stale) == ("Beta", False)


def test_a_row_made_with_a_label_alone_gets_its_client(django_assert_num_queries: Any) -> None:
    order = make_order(client_label="Acme")
    again = make_order(client_label="Acme")

    assert order.client_id == again.client_id == Client.objects.get().pk
    assert make_order(client=order.client).client_label == "Acme"
