"""Whoever is limited to clients finds nothing of others, wherever they look, and orders for their own alone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from orders.mass.placement import place_waiting
from orders.models import Client, LedgerEntry, MassOrder, Order, Settlement
from orders.notifications.services import watch
from orders.permissions import clients_for, granted_client_ids, orders_for, sees_beyond
from orders.placement.client_choice import choose_client
from orders.placement.services import DuplicateLink, create_order
from orders.placement.validation import OrderInvalid
from orders.statistics.rollups import refresh_totals
from panelhub.background.jobs import Run
from tests.helpers.makers import limit_to_clients, make_client, make_order, make_person, make_service
from tests.helpers.mass_orders import place, upload
from tests.helpers.pages import log_in, text_of
from tests.security.matrix import PAGES
from tests.security.people import enter, someone
from tests.security.world import World, body_of, fill, undone

pytestmark = pytest.mark.django_db
# What stands in rows for the client that the outsider does not see; the provider and its services they do see.
FOREIGN = (b"kestrel.example", b"kestrel-client")
OF_CLIENTS = frozenset(
    {
        "order",
        "waiting_order",
        "held_order",
        "refill",
        "product_order",
        "attempt",
        "mass",
        "unconfirmed",
        "adoption",
        "client",
    }
)


@pytest.fixture
def world() -> World:
    made = fill()
    # What is entered about a provider's balance is for no client.
    LedgerEntry.objects.update(text="")
    outsider = someone("administrator")
    limit_to_clients(outsider, make_client("someone else"))
    browser = enter(User.objects.get(pk=outsider.pk))
    made.people["outsider"] = outsider
    made.sessions["outsider"] = (
        browser.cookies["sessionid"].value
        if "sessionid" in browser.cookies
        else next(morsel.value for name, morsel in browser.cookies.items() if "session" in name)
    )
    return made


def ask(world: World, name: str, method: str) -> Any:
    rule = PAGES[name]
    kwargs = dict(rule.kwargs)
    if rule.row:
        kwargs["pk"] = world.rows[rule.row].pk
    data = {field: world.rows[word].pk if word in world.rows else word for field, word in rule.data.items()}
    return getattr(world.browser("outsider"), method)(reverse(name, kwargs=kwargs), data)


def test_rows_of_other_clients_are_not_there(world: World) -> None:
    found = []
    for name, rule in PAGES.items():
        for method in ("get", "post"):
            if rule.row in OF_CLIENTS and getattr(rule, method):
                with undone():
                    status = ask(world, name, method).status_code
                if status != 404:
                    found.append((name, method, status))
    assert not found


def test_no_page_names_anything_of_other_clients(world: World) -> None:
    refresh_totals()
    watch()
    order = world.rows["order"].pk
    named = re.compile(rf"/orders/{order}/|#{order}\b".encode())
    found = []
    for name, rule in PAGES.items():
        if rule.get and rule.row not in OF_CLIENTS and not rule.row.startswith("mine"):
            body = body_of(ask(world, name, "get"))
            if any(word in body for word in FOREIGN) or named.search(body):
                found.append(name)
    assert not found


@pytest.mark.parametrize("text", ["kestrel.example", "501", "https://kestrel.example/a", "kestrel-client"])
def test_no_search_finds_what_is_for_other_clients(world: World, text: str) -> None:
    browser = world.browser("outsider")
    for address in ("orders:list", "orders:requests", "orders:find", "orders:product_orders", "orders:clients"):
        page = unquote_to_bytes(body_of(browser.get(reverse(address), {"q": text}))).replace(text.encode(), b"")
        assert not [word for word in FOREIGN if word in page]
    assert b"kestrel" not in body_of(browser.get(reverse("orders:client_names"), {"client_label": "kes"}))
    export = body_of(browser.get(reverse("orders:export", args=["csv"]), {"client": "kestrel-client"}))
    assert b"kestrel" not in export


def test_actions_on_keys_of_other_clients_do_nothing(world: World) -> None:
    browser, order = world.browser("outsider"), world.rows["waiting_order"]
    for action in ("withdraw", "approve", "refill", "cancel", "again"):
        browser.post(reverse("orders:bulk"), {"action": action, "ids": [order.pk], "confirmed": "1"})
    browser.post(reverse("orders:bulk"), {"action": "withdraw", "matching": "1", "filter": "client=kestrel-client"})

    order.refresh_from_db()
    assert order.status == "queued"
    assert not Order.objects.filter(repeat_of=order).exists()
    live = browser.get(reverse("orders:live"), {"rows": f"{order.pk}:0"})
    assert live.status_code == 204


def test_a_program_sees_the_orders_of_its_persons_clients() -> None:
    mine = make_client("mine")
    person = make_person("orders.view_order", "orders.add_order")
    order = make_order(created_by=person, client=make_client("lost"), external_id="1")

    assert not orders_for(limit_to_clients(person, mine)).filter(pk=order.pk).exists()


def test_grants_are_compared_and_superusers_see_all() -> None:
    one, two = make_client(), make_client()
    narrow, wide = limit_to_clients(make_person(), one), limit_to_clients(make_person(), one, two)
    everything = make_person()

    assert granted_client_ids(narrow) == frozenset({one.pk})
    assert granted_client_ids(everything) is None
    assert granted_client_ids(make_person(sees_all=False)) == frozenset()
    assert granted_client_ids(make_person(sees_all=False, is_superuser=True)) is None
    assert list(clients_for(narrow)) == [one]
    assert sees_beyond(wide, narrow)
    assert sees_beyond(everything, narrow)
    assert not sees_beyond(narrow, wide)


def test_notices_go_to_who_sees_the_client() -> None:
    mine = make_client()
    reader = make_person("orders.approve_order", "orders.view_order")
    limit_to_clients(reader, mine)
    kept, hidden = (make_order(status="held", held_for="second_person", client=one) for one in (mine, make_client()))

    watch()

    page = text_of(log_in(User.objects.get(pk=reader.pk)).get(reverse("orders:notices")))
    assert f"#{kept.pk} " in page
    assert f"#{hidden.pk} " not in page


# --- Ordering ---------------------------------------------------------------------------------------------------------


def order_for(person: User, label: str, **fields: Any) -> Order:
    return create_order(
        user=person,
        service=make_service(),
        fields={"link": "https://example.com/1", "quantity": "100"},
        client_label=label,
        **fields,
    )


def test_a_new_name_makes_a_client_and_any_spelling_finds_it() -> None:
    person = make_person("orders.add_order")

    first = order_for(person, "  Acme   Ltd ")
    again = order_for(person, "ACME LTD")

    assert (first.client_label, again.client_label) == ("Acme Ltd", "Acme Ltd")
    assert Client.objects.count() == 1
    assert order_for(person, "").client is None


def test_the_exact_name_goes_before_another_spelling() -> None:
    make_client("acme")
    exact = make_client("Acme")

    assert choose_client(make_person(), "Acme") == exact


def test_the_markup_of_the_day_goes_onto_the_order() -> None:
    client = make_client("Acme")
    order = order_for(make_person(), "Acme")
    Client.objects.filter(pk=client.pk).update(markup=50)

    assert Order.objects.get(pk=order.pk).markup == 25


def test_whoever_is_limited_orders_for_their_clients_alone() -> None:
    mine, other = make_client("mine"), make_client("other")
    person = limit_to_clients(make_person("orders.add_order"), mine)

    assert order_for(person, "Mine").client == mine
    assert order_for(person, "").client == mine
    for name in ("other", "no such client"):
        with pytest.raises(OrderInvalid, match="can’t order for a client named"):
            order_for(person, name)
    both = limit_to_clients(person, mine, other)
    with pytest.raises(OrderInvalid, match="Enter one of your clients"):
        order_for(both, "")
    assert Client.objects.count() == 2


def test_an_order_that_fails_makes_no_client() -> None:
    with pytest.raises(OrderInvalid):
        create_order(
            user=make_person(limit_set=False),
            service=make_service(),
            fields={"link": "https://example.com/1", "quantity": "100"},
            client_label="Never",
        )

    assert not Client.objects.exists()


def test_no_one_orders_for_a_forgotten_client() -> None:
    make_client("Client 5", anonymised_at="2026-01-01T00:00Z")

    with pytest.raises(OrderInvalid):
        order_for(make_person(), "Client 5")


def test_a_duplicate_of_another_client_is_refused_without_its_number() -> None:
    person = make_person("orders.add_order")
    service = make_service()
    fields = {"link": "https://example.com/1", "quantity": "100"}
    other = create_order(user=person, service=service, fields=fields, client_label="other")
    limited = limit_to_clients(make_person("orders.add_order"), make_client("mine"))

    with pytest.raises(DuplicateLink) as refused:
        create_order(user=limited, service=service, fields=fields)

    assert refused.value.order is None
    assert f"#{other.pk}" not in str(refused.value)
    page = log_in(limited).post(reverse("orders:create"), {"service": service.pk, **fields, "client_label": "mine"})
    assert 'name="confirm_duplicate"' in text_of(page)
    assert f"#{other.pk}" not in text_of(page)
    assert create_order(user=limited, service=service, fields=fields, confirm_duplicate=True).client_label == "mine"


def test_mass_orders_are_for_one_client_and_respect_grants() -> None:
    mine = make_client("mine")
    person = limit_to_clients(make_person("orders.add_order", "orders.add_massorder", "orders.view_massorder"), mine)
    service = make_service()
    other = make_order(service, link="https://example.com/1", client=make_client("other"))

    with pytest.raises(OrderInvalid):
        upload(person, f"{service.external_id}|https://example.com/2|100", client_label="other")
    batch = upload(person, f"{service.external_id}|https://example.com/1|100")

    assert batch.client == mine
    warning = batch.lines.get().warning
    assert "Another order" in warning
    assert f"#{other.pk}" not in warning
    place(batch, person, with_warnings=True)
    order = Order.objects.get(mass_order=batch)
    assert (order.client, order.client_label, order.markup) == (mine, "mine", Decimal(25))


def test_who_lost_a_client_places_nothing_more_for_it() -> None:
    mine = make_client("mine")
    person = limit_to_clients(make_person("orders.add_order", "orders.add_massorder"), mine)
    service = make_service()
    batch = upload(person, f"{service.external_id}|https://example.com/1|100")
    MassOrder.objects.filter(pk=batch.pk).update(status="placing")
    person.person.clients.clear()

    place_waiting(Run(job="place_mass_orders", provider_name=""))

    batch.refresh_from_db()
    assert (batch.status, Order.objects.count()) == ("paused", 0)
    assert "can no longer order for this client" in batch.summary["stopped"]


def test_an_adoption_is_for_ones_clients_and_seen_by_whoever_began_it() -> None:
    mine = make_client("mine")
    person = limit_to_clients(make_person("orders.adopt_order", "orders.view_order"), mine)
    service = make_service()
    browser = log_in(person)
    given = {"provider": service.provider_id, "external_id": "77"}

    refused = browser.post(reverse("orders:adopt"), given | {"client_label": "other"})
    taken = browser.post(reverse("orders:adopt"), given)

    assert (refused.status_code, taken.status_code) == (422, 302)
    made = Settlement.objects.get()
    assert made.details["client"] == mine.pk
    assert browser.get(reverse("orders:adoption", args=[made.pk])).status_code == 200
    stranger = limit_to_clients(make_person("orders.view_order"), mine)
    assert log_in(stranger).get(reverse("orders:adoption", args=[made.pk])).status_code == 404
