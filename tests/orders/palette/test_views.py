"""Finding anything by a few letters, with and without a script."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from orders.models import Client, MassOrder, Refill, SavedView
from tests.helpers.makers import (
    grant,
    make_completed_order,
    make_order,
    make_person,
    make_product,
    make_product_order,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.pages import HTMX, log_in

pytestmark = pytest.mark.django_db
FIND = reverse("orders:find")


def found_by(client: Any, text: str = "") -> dict[str, str]:
    """Return what is found, by its label, with its address."""
    part = client.get(FIND, {"q": text}, headers=HTMX).content.decode()
    assert "<html" not in part
    options = re.findall(
        r'<a\s+role="option"[^>]*href="([^"]+)"\s*>.*?<span class="clip" dir="auto">(.*?)</span>', part, re.DOTALL
    )
    return {unescape(label): unescape(url) for url, label in options}


def test_without_letters_it_shows_where_one_can_go(as_staff: Any, staff: Any) -> None:
    SavedView.objects.create(person=staff, name="Mine", query="tab=done&person=me")

    found = found_by(as_staff)

    assert found["New order"] == reverse("orders:create")
    assert found["Services"] == reverse("providers:services")
    assert found["Mine"] == f"{reverse('orders:list')}?tab=done&person=me"


@pytest.mark.parametrize("text", ["#{order.pk}", "A-23501", "http://www.a.example/p/77"])
def test_an_order_is_found_by_number_id_or_link(as_staff: Any, text: str) -> None:
    order = make_order(make_service(name="Likes"), external_id="A-23501", link="https://a.example/p/77")

    found = found_by(as_staff, text.format(order=order))

    assert found[f"#{order.pk} (A-23501) Likes"] == reverse("orders:detail", args=[order.pk])


def test_services_providers_and_actions_are_found_by_name(as_manager: Any) -> None:
    provider = make_provider(name="Instabest")
    service = make_service(provider, name="Instagram Beğeni")

    assert found_by(as_manager, "begeni insta") == {
        f"{service.external_id} Instagram Beğeni": reverse("providers:service", args=[service.pk])
    }
    assert found_by(as_manager, "instabest") == {"Instabest": reverse("providers:detail", args=[provider.pk])}
    assert found_by(as_manager, "adopt") == {"Adopt an order placed elsewhere": reverse("orders:adopt")}


def test_nothing_is_said_so(as_staff: Any) -> None:
    part = as_staff.get(FIND, {"q": "nothing like this"}, headers=HTMX).content.decode()

    assert "No results" in part


def test_what_a_person_may_not_open_is_not_found(staff: Any, as_staff: Any, viewer: Any) -> None:
    mine, other = make_service(name="Likes mine"), make_service(name="Likes other")
    order = make_order(other, external_id="9")
    grant(staff, mine.provider)

    assert list(found_by(as_staff, "likes")) == [f"{mine.external_id} Likes mine"]
    assert found_by(as_staff, f"#{order.pk}") == {}
    assert found_by(as_staff, other.provider.name) == {}
    assert "New order" not in found_by(log_in(viewer))
    assert found_by(log_in(make_person()), "likes") == {}


def test_a_hostile_name_is_text(as_staff: Any) -> None:
    make_service(name="<img src=x onerror=alert(1)> likes")

    part = as_staff.get(FIND, {"q": "likes\x00"}, headers=HTMX).content.decode()

    assert "<img" not in part
    assert "&lt;img" in part


def test_it_is_a_page_as_well(as_staff: Any) -> None:
    service = make_service(name="Likes")

    page = as_staff.get(FIND, {"q": "likes"}).content.decode()

    assert page.startswith("<!doctype html>")
    assert reverse("providers:service", args=[service.pk]) in page


def test_it_takes_few_statements(as_staff: Any, django_assert_max_num_queries: Any) -> None:
    service = make_service(name="Likes 7")
    for number in range(9):
        make_order(service, external_id=f"7{number}")
    found_by(as_staff)

    with django_assert_max_num_queries(8):
        found_by(as_staff, "7")


def test_requests_products_their_orders_mass_orders_and_people_are_found(as_staff: Any, staff: Any) -> None:
    provider = make_provider("smmvna")
    order = make_completed_order(provider)
    Refill.objects.create(order=order, status="refused", external_id="R-500")
    bought = make_product_order(make_product(provider, name="Netflix 1 month"), external_id="P-9")
    batch = MassOrder.objects.create(created_by=staff, name="Spring launch")

    assert found_by(as_staff, "R-500") == {f"Refill · #{order.pk} (R-500)": reverse("orders:detail", args=[order.pk])}
    assert found_by(as_staff, "P-9") == {
        f"#{bought.pk} Netflix 1 month": reverse("orders:product_detail", args=[bought.pk])
    }
    assert found_by(as_staff, "netflix") == {
        "Netflix 1 month": f"{reverse('orders:product_create')}?product={bought.product_id}"
    }
    assert found_by(as_staff, "spring") == {
        f"#{batch.pk} Spring launch": reverse("orders:mass_detail", args=[batch.pk])
    }
    assert found_by(as_staff, staff.username)[staff.username] == f"{reverse('orders:list')}?person={staff.pk}"


def test_what_belongs_to_a_hidden_provider_is_not_found(as_staff: Any, staff: Any) -> None:
    hidden = make_provider("smmvna")
    Refill.objects.create(order=make_completed_order(hidden), status="pending", external_id="R-500")
    make_product_order(make_product(hidden, name="Netflix 1 month"), external_id="P-9")
    grant(staff, make_provider())

    assert not any(found_by(as_staff, text) for text in ("R-500", "P-9", "netflix"))


def test_a_client_is_found_by_name_by_those_who_see_it() -> None:
    ada = Client.objects.create(name="Ada Studio")
    sees = make_person("orders.view_client")
    set_limits(sees, all_clients=True)
    sees_others = make_person("orders.view_client")
    set_limits(sees_others, all_clients=False)

    assert found_by(log_in(sees), "ada st") == {"Ada Studio": reverse("orders:client", args=[ada.pk])}
    assert found_by(log_in(sees_others), "ada st") == {}
    assert found_by(log_in(make_person("orders.view_order")), "ada st") == {}
