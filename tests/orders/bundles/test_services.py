"""Bundles are ordered as a whole: every part an order of its own, or none of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from orders.bundles.services import Part, read_parts, save_bundle, write_parts
from orders.mass.bundles import quantities_of
from orders.mass.services import check_again
from orders.models import Bundle, BundlePart, MassOrder, Order
from orders.permissions import bundles_for
from providers.models import Service
from tests.helpers.makers import (
    grant,
    limit_to_clients,
    make_client,
    make_order,
    make_person,
    make_service,
    set_limits,
)
from tests.helpers.mass_orders import place
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
RIGHTS = ("orders.view_bundle", "orders.add_bundle", "orders.change_bundle", "orders.add_order", "orders.add_massorder")
LINKS = "https://a.example/1\nhttps://a.example/2\nhttps://a.example/3"


@pytest.fixture
def person() -> User:
    return make_person(*RIGHTS, "orders.view_massorder", "orders.view_cost")


@pytest.fixture
def services() -> list[Service]:
    return [make_service(name="Followers"), make_service(name="Likes")]


@pytest.fixture
def pack(person: User, services: list[Service]) -> Bundle:
    followers, likes = services
    parts = [Part(followers, 500, None), Part(likes, 100, None)]
    return save_bundle(Bundle(), by=person, fields={"name": "Launch pack"}, parts=parts)


def order(person: User, bundle: Bundle, links: str = LINKS, **fields: Any) -> Any:
    return log_in(person).post(reverse("orders:bundle", args=[bundle.pk]), {"links": links, **fields})


def test_a_bundle_on_three_links_is_six_orders(person: User, pack: Bundle) -> None:
    response = order(person, pack, client_label="Acme")

    batch = MassOrder.objects.get()
    assert response.url == reverse("orders:mass_detail", args=[batch.pk])
    assert (batch.name, batch.client_label, batch.total, batch.good) == ("Launch pack", "Acme", 6, 6)
    assert not Order.objects.exists()
    # Parts of one bundle are for one link on purpose.
    assert set(batch.lines.values_list("warning", flat=True)) == {""}
    place(batch, person)
    made = Order.objects.order_by("pk").values_list("link", "service__name", "quantity", "client_label")
    assert list(made) == [
        (link, name, quantity, "Acme")
        for link in LINKS.split()
        for name, quantity in (("Followers", 500), ("Likes", 100))
    ]


def test_a_line_of_a_mass_order_names_a_bundle_among_services(
    person: User, pack: Bundle, services: list[Service]
) -> None:
    lines = f"LAUNCH  pack|https://a.example/1\n{services[0].provider.name}|{services[0].external_id}|https://a.example/2|10"
    log_in(person).post(reverse("orders:mass"), {"lines": lines})

    batch = MassOrder.objects.get()
    found = batch.lines.order_by("number").values_list("number", "service__name", "quantity", "part_of", "fault")
    assert list(found) == [(1, "Followers", 500, 1, ""), (2, "Likes", 100, 1, ""), (3, "Followers", 10, None, "")]


def test_one_part_that_cannot_be_ordered_stops_the_others_of_its_link(
    person: User, pack: Bundle, services: list[Service]
) -> None:
    Service.objects.filter(pk=services[1].pk).update(min_quantity=1_000)
    order(person, pack, "https://a.example/1")

    batch = MassOrder.objects.get()
    faults = list(batch.lines.order_by("number").values_list("fault", flat=True))
    assert batch.good == 0
    assert "line 2" in faults[0]
    assert "1000" in faults[1]
    Service.objects.filter(pk=services[1].pk).update(min_quantity=10)
    check_again(batch, by=person)
    assert (batch.good, place(batch, person).placed) == (2, 2)


def test_a_part_that_fails_while_it_is_placed_stops_the_others(
    person: User, pack: Bundle, services: list[Service]
) -> None:
    order(person, pack, "https://a.example/1\nhttps://a.example/2")
    batch = MassOrder.objects.get()
    Service.objects.filter(pk=services[1].pk).update(is_available=False)

    place(batch, person)

    assert not Order.objects.exists()
    assert batch.lines.exclude(fault="").count() == 4


def test_a_warning_of_one_part_is_one_of_all(person: User, pack: Bundle, services: list[Service]) -> None:
    make_order(services[1], link="https://a.example/1")
    order(person, pack, "https://a.example/1\nhttps://a.example/2")
    batch = MassOrder.objects.get()

    place(batch, person)

    # Only the bundle without a warning was placed, and that one whole.
    assert set(Order.objects.filter(mass_order=batch).values_list("link", flat=True)) == {"https://a.example/2"}
    assert batch.lines.exclude(warning="").count() == 2
    place(MassOrder.objects.get(pk=batch.pk), person, with_warnings=True)
    assert Order.objects.filter(mass_order=batch).count() == 4


def test_what_is_large_together_waits_for_a_second_person_together(person: User, pack: Bundle) -> None:
    # 500 and 100 of 0.90 a thousand: 0.45 and 0.09.
    set_limits(person, second_person_above=Decimal("0.50"))
    order(User.objects.get(pk=person.pk), pack, "https://a.example/1")

    place(MassOrder.objects.get(), User.objects.get(pk=person.pk))

    assert list(Order.objects.values_list("status", "held_for")) == [("held", "second_person")] * 2


def test_a_limit_that_is_too_small_places_no_part(person: User, pack: Bundle) -> None:
    set_limits(person, daily_limit=Decimal("0.50"))
    order(User.objects.get(pk=person.pk), pack, "https://a.example/1")
    batch = MassOrder.objects.get()

    response = log_in(User.objects.get(pk=person.pk)).post(reverse("orders:mass_place", args=[batch.pk]), follow=True)

    assert "limit" in text_of(response)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("shares", "typed", "quantities"),
    [
        (("50", "50"), "1001", [501, 500]),
        (("33.33", "33.33", "33.34"), "100", [33, 33, 34]),
        (("10", "5"), "1000", [100, 50]),
        (("100",), "7", [7]),
    ],
)
def test_shares_hold_the_total(shares: tuple[str, ...], typed: str, quantities: list[int]) -> None:
    assert quantities_of([BundlePart(share=Decimal(share)) for share in shares], typed) == quantities


def test_fixed_quantities_and_shares_are_told_apart(person: User, pack: Bundle) -> None:
    with pytest.raises(ValueError, match="Leave the quantity out"):
        quantities_of(list(pack.parts.all()), "5")
    with pytest.raises(ValueError, match="Enter a quantity"):
        quantities_of([BundlePart(share=Decimal(5))], "")
    assert quantities_of([BundlePart(quantity=7), BundlePart(share=Decimal(50))], "10") == [7, 5]


def test_parts_are_typed_as_lines_and_read_back(person: User, services: list[Service]) -> None:
    text = "\n".join(
        f"{one.provider.name}|{one.external_id}|{amount}" for one, amount in zip(services, ("500", "20%"), strict=True)
    )

    response = log_in(person).post(reverse("orders:bundle_add"), {"name": "Pack", "parts": text, "is_active": "on"})

    bundle = Bundle.objects.get()
    assert response["Location"] == reverse("orders:bundle", args=[bundle.pk])
    assert write_parts(bundle) == text
    page = log_in(person).get(reverse("orders:bundle", args=[bundle.pk]))
    assert "Followers" in text_of(page)
    assert 'name="quantity"' in text_of(page)


@pytest.mark.parametrize(
    "text", ["", "a|b", "nowhere|1|5", "{0}|nothing|5", "{0}|{1}|0", "{0}|{1}|NaN%", "{0}|{1}|-1%"]
)
def test_parts_that_make_no_sense_are_refused(person: User, services: list[Service], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_parts(text.format(services[0].provider.name, services[0].external_id), person)


@pytest.mark.parametrize("name", ["123", "a|b", "  ", "launch PACK"])
def test_names_that_a_line_could_not_tell_apart_are_refused(person: User, pack: Bundle, name: str) -> None:
    part = f"{pack.parts.all()[0].service.provider.name}|{pack.parts.all()[0].service.external_id}|5"

    response = log_in(person).post(reverse("orders:bundle_add"), {"name": name, "parts": part})

    assert response.status_code == 422
    assert Bundle.objects.count() == 1


def test_a_bundle_with_a_hidden_provider_is_not_there(person: User, pack: Bundle, services: list[Service]) -> None:
    other = make_person(*RIGHTS, sees_all=False)
    grant(other, services[0].provider)

    assert not bundles_for(User.objects.get(pk=other.pk)).exists()
    assert order(other, pack).status_code == 404
    log_in(other).post(reverse("orders:mass"), {"lines": "launch pack|https://a.example/1"})
    assert not MassOrder.objects.filter(good__gt=0).exists()


def test_a_bundle_is_for_ones_clients_alone(pack: Bundle) -> None:
    limited = limit_to_clients(make_person(*RIGHTS), make_client("mine"))

    assert order(limited, pack, client_label="other").status_code == 422
    assert order(limited, pack).status_code == 302
    assert MassOrder.objects.get().client_label == "mine"


def test_a_form_posted_twice_is_one_mass_order(person: User, pack: Bundle) -> None:
    token = "5a2c0b5e-70b0-4a7c-bb0b-6a1a0d6a3a11"

    first, again = (order(person, pack, form_token=token) for _time in range(2))

    assert first.url == again.url
    assert MassOrder.objects.count() == 1
    assert order(person, pack, "https://a.example/9", form_token=token).status_code == 422


def test_a_bundle_is_not_divided_between_steps(person: User, pack: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.mass.placement.CHUNK", 3)
    order(person, pack)
    batch = MassOrder.objects.get()

    place(batch, person)

    assert (batch.placed, Order.objects.count()) == (6, 6)


def test_a_bundle_that_is_off_is_not_ordered(person: User, pack: Bundle) -> None:
    Bundle.objects.update(is_active=False)

    assert order(person, pack).status_code == 422
    assert not MassOrder.objects.exists()
