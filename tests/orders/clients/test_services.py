"""Clients are changed with a record of it, and forgotten for good."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.clients.rewriting import rewrite_stale
from orders.clients.services import NotNow, anonymise_client, save_client
from orders.models import Attempt, Client, MassLine, MassOrder, Order, OrderEvent, Refill, SavedView
from panelhub.models import AuditEvent
from tests.helpers.makers import make_client, make_order, make_person, make_product_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return make_person("orders.change_client")


def test_a_change_is_recorded_without_names(boss: User) -> None:
    client = make_client("Acme", markup=Decimal(10))
    order = make_order(client=client)

    changed = save_client(client, by=boss, changes={"name": "Beta", "markup": Decimal(20), "notes": ""})

    assert sorted(changed) == ["markup", "name"]
    event = AuditEvent.objects.get(action="client.changed")
    assert (event.target_id, event.data["markup"], event.actor_id) == (str(client.pk), ["10.00", "20"], boss.pk)
    assert "Acme" not in str(event.__dict__)
    assert "Beta" not in str(event.__dict__)
    assert rewrite_stale() == {"clients": 1, "rows": 1}
    order.refresh_from_db()
    assert order.client_label == "Beta"
    assert rewrite_stale() == {"clients": 0, "rows": 0}


def test_nothing_changed_is_nothing_recorded(boss: User) -> None:
    client = make_client("Acme")

    assert save_client(client, by=boss, changes={"name": "Acme"}) == []

    assert not AuditEvent.objects.exists()


def test_a_name_is_one_clients(boss: User) -> None:
    make_client("Acme")

    with pytest.raises(NotNow):
        save_client(Client(), by=boss, changes={"name": "Acme"})

    assert Client.objects.count() == 1


def test_an_anonymised_client_is_nowhere_to_be_read(boss: User) -> None:
    client, other = make_client("Acme Corp", notes="Ann, 555-1234", manager=boss), make_client("Other")
    order = make_order(
        client=client, status="completed", link="https://acme.example/p", note="for Ann", parameters={"comments": "Ann"}
    )
    theirs = make_order(client=other, status="completed", link="https://other.example/p")
    product_order = make_product_order(client=client, status="completed", require="ann@acme.example", goods="key")
    Attempt.objects.create(provider=order.provider, action="add", order=order, payload={"link": order.link})
    OrderEvent.objects.create(order=order, kind="note", words="call Ann")
    batch = MassOrder.objects.create(client=client, name="Acme in November")
    MassLine.objects.create(mass_order=batch, number=1, text="1|https://acme.example", link="https://acme.example")
    SavedView.objects.create(person=boss, name="A", query="client=Acme+Corp&tab=done")
    kept = SavedView.objects.create(person=boss, name="B", query="client=Acme")

    anonymise_client(client, by=boss)
    rewrite_stale()

    client.refresh_from_db()
    assert client.name == f"Client {client.pk}"
    assert (client.notes, client.manager, client.is_stale) == ("", None, False)
    assert client.anonymised_at is not None
    for row in (order, product_order, theirs):
        row.refresh_from_db()
    assert (order.link, order.target_key, order.note, order.parameters) == ("", None, "", {})
    assert order.client_label == product_order.client_label == client.name
    assert (product_order.require, product_order.goods) == ("", "")
    assert Attempt.objects.get().payload == {}
    assert OrderEvent.objects.get(kind="note").words == ""
    line = MassLine.objects.get()
    assert (line.text, line.link, MassOrder.objects.get().name) == ("", "", "")
    assert list(SavedView.objects.all()) == [kept]
    # What the order was, and another client's order, stay as they were.
    assert (order.quantity, theirs.link) == (1_000, "https://other.example/p")
    assert "Acme" not in str([event.__dict__ for event in AuditEvent.objects.all()])


def test_open_orders_and_refills_are_waited_for(boss: User) -> None:
    client = make_client("Acme")
    order = make_order(client=client)

    with pytest.raises(NotNow, match="open orders"):
        anonymise_client(client, by=boss)

    Order.objects.filter(pk=order.pk).update(status="completed")
    refill = Refill.objects.create(order=order, status="pending", external_id="5")
    with pytest.raises(NotNow, match="refills"):
        anonymise_client(client, by=boss)

    Refill.objects.filter(pk=refill.pk).update(status="completed")
    anonymise_client(client, by=boss)
    with pytest.raises(NotNow, match="already"):
        anonymise_client(client, by=boss)
    with pytest.raises(NotNow, match="anonymised"):
        save_client(client, by=boss, changes={"name": "Acme"})


def test_a_name_that_is_taken_does_not_stop_it(boss: User) -> None:
    client = make_client("Acme")
    make_client(f"Client {client.pk}")

    anonymise_client(client, by=boss)

    client.refresh_from_db()
    assert client.name == f"Client {client.pk} (anonymous)"


def test_what_a_worker_did_not_finish_the_next_one_does(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client("Acme")
    order = make_order(client=client, status="completed")
    anonymise_client(client, by=boss)

    def die(*_rows: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("orders.clients.rewriting.rewrite_labels", die)
        with pytest.raises(SystemExit):
            rewrite_stale()
    rewrite_stale()

    order.refresh_from_db()
    assert (order.link, order.client_label) == ("", f"Client {client.pk}")
    assert uuid.UUID(str(order.uid))
