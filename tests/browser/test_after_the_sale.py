"""Refilling many, and settling what is not known, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, Refill, Settlement, WindowSearch
from orders.roles import ROLES
from tests.helpers.makers import make_lost, make_person, make_provider, make_search, make_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(page: Any, log_in: Callable[[Any, Any], None]) -> Any:
    """Return a manager in front of the browser."""
    person = make_person(*ROLES["manager"])
    log_in(page, person)
    return person


def make_orders(count: int, **fields: Any) -> None:
    provider = make_provider("smmplus")
    service = make_service(provider, refill=True)
    plain = {"provider": provider, "service": service, "status": "completed", "quantity": 100}
    Order.objects.bulk_create(Order(external_id=str(number), **(plain | fields)) for number in range(1, count + 1))


def test_all_that_match_are_refilled_from_one_page(page: Any, live_server: Any, manager: Any) -> None:
    make_orders(60)
    page.goto(f"{live_server.url}{reverse('orders:list')}?status=completed")
    bar = page.locator("[data-bulk]")
    assert bar.is_hidden()

    page.locator("[data-select]").first.check()
    assert "1 selected" in bar.inner_text()
    page.locator("[data-select-all]:visible").check()
    assert "50 selected" in bar.inner_text()
    bar.get_by_label("All 60 matching").check()
    assert "60 selected" in bar.inner_text()
    bar.get_by_role("button", name="Refill").click()

    page.get_by_text("60 refill requests are queued.").wait_for()
    assert Refill.objects.count() == 60


def test_a_chosen_row_and_its_neighbours_are_canceled_after_a_question(
    page: Any, live_server: Any, manager: Any
) -> None:
    make_orders(5, status="in_progress")
    page.goto(f"{live_server.url}{reverse('orders:list')}")
    boxes = page.locator("[data-select]")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])

    page.locator("[data-bulk]").get_by_role("button", name="Cancel").click()
    dialog = page.locator("#confirm")
    dialog.get_by_role("button", name="Cancel 3 orders").click()

    page.get_by_text("3 cancel requests are queued").wait_for()


def test_the_panel_shows_what_the_search_found_without_a_reload_and_one_click_adopts(
    page: Any, live_server: Any, manager: Any
) -> None:
    order = make_lost()
    search = make_search(order, "150", verdict="found", finished_at=None)
    page.goto(f"{live_server.url}{reverse('orders:detail', args=[order.pk])}")
    page.get_by_text("The search hasn’t finished yet").wait_for()
    page.get_by_label("Reason").fill("half a sentence")

    WindowSearch.objects.filter(pk=search.pk).update(finished_at=timezone.now())
    adopt = page.get_by_role("button", name="Adopt #150")
    adopt.wait_for()
    assert page.get_by_label("Reason").input_value() == "half a sentence"
    adopt.click()

    page.get_by_text("Adopted as 150.").wait_for()
    order.refresh_from_db()
    assert (order.status, order.external_id) == ("pending", "150")
    assert Settlement.objects.get().by == manager


def test_closing_as_unknown_asks_before_it_is_done(page: Any, live_server: Any, manager: Any) -> None:
    order = make_lost()
    make_search(order)
    page.goto(f"{live_server.url}{reverse('orders:detail', args=[order.pk])}")

    page.get_by_role("button", name="Close as unknown").click()
    page.locator("#confirm").get_by_role("button", name="Keep unconfirmed").click()
    order.refresh_from_db()
    assert order.status == "unconfirmed"

    page.get_by_label("Reason").fill("nobody knows")
    page.get_by_role("button", name="Close as unknown").click()
    page.locator("#confirm").get_by_role("button", name="Close as unknown").click()
    page.get_by_text("Closed as unknown", exact=True).wait_for()
    order.refresh_from_db()
    assert order.status == "given_up"
