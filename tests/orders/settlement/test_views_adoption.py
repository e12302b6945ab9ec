"""The form that adopts an order placed elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from orders.models import (
    Order,
    ProductOrder,
    Settlement,
)
from orders.settlement.id_confirmation import confirm
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service, place_directly
from tests.helpers.makers import (
    grant,
    make_product,
    make_provider,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.django_db(transaction=True)
def test_an_order_placed_elsewhere_is_taken_over_by_provider_and_id(as_manager: Any, box: Sandbox) -> None:
    provider = join(box, "smmplus")
    list_service(provider, pick_service(box.panel("smmplus")))
    (external_id,) = place_directly(box.panel("smmplus"), pick_service(box.panel("smmplus")), 1)

    response = as_manager.post(
        reverse("orders:adopt"),
        {"provider": provider.pk, "external_id": external_id, "client_label": "Acme", "note": "by hand"},
    )
    made = Settlement.objects.get()
    waiting = reverse("orders:adoption", args=[made.pk])
    assert response["Location"] == waiting
    assert "Checking" in as_manager.get(waiting).content.decode()
    assert as_manager.get(waiting, **HTMX).status_code == 204

    confirm(made.pk)

    order = Order.objects.get()
    response = as_manager.get(waiting, **HTMX)
    assert response["HX-Redirect"] == reverse("orders:detail", args=[order.pk])
    assert as_manager.get(waiting)["Location"] == reverse("orders:detail", args=[order.pk])
    assert (order.external_id, order.client_label, order.adopted) == (external_id, "Acme", True)


class TestProductOrderFromElsewhere:
    def post(self, client: Any, provider: Any, **typed: Any) -> Any:
        given = {"provider": provider.pk, "external_id": "77", "kind": "product_order", **typed}
        return client.post(reverse("orders:adopt"), given)

    def test_it_is_taken_over_by_the_same_door(self, as_manager: Any) -> None:
        provider = make_provider("smmvna")
        product = make_product(provider, external_id="9")

        response = self.post(as_manager, provider, product="9", quantity="3")

        made = Settlement.objects.get()
        waiting = reverse("orders:adoption", args=[made.pk])
        assert response["Location"] == waiting
        assert (made.kind, made.details["product"], made.details["quantity"]) == ("product_order", product.pk, 3)
        order = ProductOrder.objects.create(provider=provider, external_id="77", quantity=3, status="pending")
        Settlement.objects.update(state="done", product_order=order)
        assert as_manager.get(waiting)["Location"] == reverse("orders:product_detail", args=[order.pk])

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({}, "Enter how many items were bought. The provider doesn’t say"),
            ({"quantity": "0"}, "greater than or equal to 1"),
            ({"quantity": "1", "product": "8"}, "This provider doesn’t list that product"),
        ],
    )
    def test_what_is_missing_or_wrong_is_shown_in_the_form(self, as_manager: Any, typed: Any, words: str) -> None:
        make_product(make_provider("smmvna"), external_id="8")

        response = self.post(as_manager, make_provider("smmvna"), **typed)

        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Settlement.objects.exists()

    def test_the_way_there_is_on_the_page_of_product_orders(self, as_manager: Any, as_staff: Any) -> None:
        address = f"{reverse('orders:adopt')}?kind=product_order"

        assert address in as_manager.get(reverse("orders:product_orders")).content.decode()
        assert address not in as_staff.get(reverse("orders:product_orders")).content.decode()
        assert 'value="product_order" selected' in as_manager.get(address).content.decode()


def test_an_id_that_belongs_to_another_order_is_refused_in_the_form(as_manager: Any) -> None:
    provider = make_provider("smmplus")
    other = Order.objects.create(provider=provider, external_id="55", status="completed")

    response = as_manager.post(reverse("orders:adopt"), {"provider": provider.pk, "external_id": "55"})

    assert response.status_code == 422
    assert f"is already order #{other.pk} (Completed)" in response.content.decode()
    assert not Settlement.objects.exists()


def test_an_adoption_that_failed_says_why(as_manager: Any) -> None:
    made = Settlement.objects.create(
        kind="order",
        way="adopt",
        state="failed",
        provider=make_provider("smmplus"),
        external_id="9",
        answer="unknown id",
    )

    page = as_manager.get(reverse("orders:adoption", args=[made.pk])).content.decode()

    assert "9 wasn’t adopted." in page
    assert "unknown id" in page


def test_adopting_needs_its_permission_and_a_granted_provider(as_staff: Any, manager: Any) -> None:
    provider, other = make_provider("smmplus"), make_provider("smmplus")
    grant(manager, provider)

    assert as_staff.get(reverse("orders:adopt")).status_code == 403
    response = log_in(manager).post(reverse("orders:adopt"), {"provider": other.pk, "external_id": "5"})
    assert response.status_code == 422
    assert not Settlement.objects.exists()
