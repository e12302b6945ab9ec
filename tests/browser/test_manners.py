"""How pages behave under a hand: keyboard, live rows, questions, errors, and no scripts at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from orders.models import Order
from orders.roles import ROLES, permissions_named
from tests.helpers.makers import make_order, make_service, set_limits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long_on_servers]
LIVE_MS = 30_000
LogIn = Callable[[Any, Any], None]


@pytest.fixture
def person(db: None) -> User:
    made = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["staff"]))
    return made


@pytest.fixture
def open_page(page: Page, live_server: Any, log_in: LogIn, person: User) -> Callable[[str], Page]:
    """`open_page("orders:list")`: that page, opened by someone with the role `staff`."""

    def open_page(name: str, *args: Any) -> Page:
        log_in(page, person)
        page.goto(live_server.url + reverse(name, args=args))
        return page

    return open_page


def test_the_keyboard_is_enough(open_page: Callable[..., Page], live_server: Any) -> None:
    service = make_service()
    orders = [make_order(service) for _number in range(3)]
    page = open_page("orders:list")

    page.keyboard.press("/")
    expect(page.get_by_label("Search orders")).to_be_focused()
    page.keyboard.type("j?n")
    expect(page.get_by_label("Search orders")).to_have_value("j?n")
    page.goto(live_server.url + reverse("orders:list"))
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(live_server.url + reverse("orders:detail", args=[orders[1].pk]))
    page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page).to_have_url(live_server.url + reverse("orders:create"))


def test_an_open_row_in_view_moves_by_itself_and_can_be_paused(open_page: Callable[..., Page]) -> None:
    order, done = make_order(remains=900), make_order(status="completed")
    page = open_page("orders:list")
    row = page.locator(f"#order-{order.pk}")
    expect(row).to_contain_text("In progress")
    expect(page.locator(f"#order-{done.pk}")).not_to_have_attribute("data-live", re.compile("."))

    Order.objects.filter(pk=order.pk).update(remains=400)
    expect(row.locator("progress")).to_have_attribute("value", "60", timeout=LIVE_MS)

    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("button", name="Paused")).to_be_visible()
    Order.objects.filter(pk=order.pk).update(status="completed", remains=0)
    page.wait_for_timeout(3_000)
    expect(row).to_contain_text("In progress")

    page.get_by_role("button", name="Paused").click()
    expect(row).to_contain_text("Completed", timeout=LIVE_MS)


def test_filters_change_the_address_and_back_brings_the_whole_page(open_page: Callable[..., Page]) -> None:
    make_service(name="Instagram likes")
    make_service(name="TikTok views", platform="tiktok")
    page = open_page("providers:services")

    page.get_by_label("Platform").select_option("tiktok")
    expect(page).to_have_url(re.compile(r"/services/\?platform=tiktok(&sort=price)?$"))
    expect(page.locator("tbody tr[data-row]")).to_have_count(1)
    page.get_by_role("link", name="TikTok views").click()
    expect(page.get_by_role("heading", name="TikTok views")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Services")).to_be_visible()
    expect(page.locator("tbody tr[data-row]")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr[data-row]")).to_have_count(2)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_what_cannot_be_undone_needs_a_confirmation(open_page: Callable[..., Page]) -> None:
    order = make_order(status="queued")
    page = open_page("orders:detail", order.pk)

    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep order").click()
    order.refresh_from_db()
    assert order.status == "queued"

    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.locator("#toasts")).to_contain_text("withdrawn. Nothing was sent")
    order.refresh_from_db()
    assert order.status == "withdrawn"


@pytest.mark.expects_console("500")
def test_an_error_is_reported_and_stays_until_it_is_closed(open_page: Callable[..., Page]) -> None:
    make_service()
    page = open_page("providers:services")
    page.route("**/services/?**", lambda route: route.fulfill(status=500, body="broken"))

    page.get_by_label("Search services").fill("likes")

    toast = page.locator(".toast")
    expect(toast).to_contain_text("Something went wrong. Nothing was changed")
    page.wait_for_timeout(7_000)
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)


@pytest.mark.expects_console("Failed to load resource|htmx:(sendError|afterRequest)")
def test_a_hub_that_is_not_reached_is_reported(open_page: Callable[..., Page]) -> None:
    make_service()
    page = open_page("providers:services")
    page.route("**/services/?**", lambda route: route.abort())

    page.get_by_label("Search services").fill("likes")

    expect(page.locator(".toast")).to_contain_text("Can’t reach the hub. Nothing was sent. Try again.")


def test_a_session_that_ended_leads_to_the_login(open_page: Callable[..., Page], person: User) -> None:
    make_service()
    page = open_page("providers:services")
    page.context.clear_cookies()

    page.get_by_label("Search services").fill("likes")

    expect(page).to_have_url(re.compile(r"/login/\?next=%2Fservices%2F"))
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_fields_are_shown_only_for_the_answers_that_need_them(open_page: Callable[..., Page], live_server: Any) -> None:
    service = make_service(type="web_traffic")
    page = open_page("orders:create")
    page.goto(f"{live_server.url}{reverse('orders:create')}?service={service.pk}")

    expect(page.get_by_label("Google keyword")).to_be_hidden()
    page.get_by_label("Type of traffic").select_option("1")
    expect(page.get_by_label("Google keyword")).to_be_visible()
    expect(page.get_by_label("Referrer URL")).to_be_hidden()


def test_the_whole_way_without_scripts(browser: Browser, live_server: Any, log_in: LogIn, person: User) -> None:
    service = make_service(name="Instagram likes")
    make_service(name="TikTok views")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    log_in(page, person)

    page.goto(live_server.url)
    page.get_by_role("button", name="Pages").click()
    page.get_by_role("link", name="Services", exact=True).click()
    page.get_by_label("Search services").fill("likes")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Order", exact=True).click()
    page.get_by_label("Link").fill("https://a.example/p/1")
    page.get_by_label("Quantity").fill("9")
    page.get_by_role("button", name="Review order").click()
    expect(page.locator("#id_quantity_error")).to_contain_text("below the minimum")
    page.get_by_label("Quantity").fill("1000")
    page.get_by_role("button", name="Review order").click()
    page.get_by_role("button", name="Place order").click()

    order = Order.objects.get()
    assert (order.service, order.quantity, order.status) == (service, 1000, "queued")
    expect(page.locator("#toasts")).to_contain_text(f"Order #{order.pk} is queued")
    expect(page.get_by_role("heading", name=f"Order #{order.pk}")).to_be_visible()
    context.close()


def test_what_is_typed_before_the_scripts_are_there_is_searched_for(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    make_service(name="Instagram likes")
    page = open_page("orders:list")
    held: list[Route] = []
    page.route(re.compile("/js/page[^/]*[.]js"), lambda route: held.append(route))

    page.goto(live_server.url + reverse("providers:services"), wait_until="commit")
    page.get_by_label("Search services").fill("likes")
    assert "q=likes" not in page.url
    for route in held:
        route.continue_()

    expect(page).to_have_url(re.compile("[?&]q=likes"))


def test_an_answer_about_what_moved_meanwhile_sends_nothing_and_says_so(open_page: Callable[..., Page]) -> None:
    order = make_order(status="queued", external_id=None)
    page = open_page("orders:detail", order.pk)
    page.get_by_role("button", name="Withdraw").click()
    Order.objects.filter(pk=order.pk).update(status="rejected")
    expect(page.locator("#order-live .badge").first).to_contain_text("Rejected")

    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()

    expect(page.locator("#toasts")).to_contain_text("This no longer exists. Reload the page")
    order.refresh_from_db()
    assert order.status == "rejected"


def test_an_answer_about_what_was_only_redrawn_is_carried_out(open_page: Callable[..., Page]) -> None:
    order = make_order(status="queued", external_id=None)
    page = open_page("orders:detail", order.pk)
    form = page.locator("form[action$='withdraw/']").element_handle()
    assert form
    page.get_by_role("button", name="Withdraw").click()
    Order.objects.filter(pk=order.pk).update(start_count=4_711)
    expect(page.locator("#order-live")).to_contain_text("4,711")
    assert not form.evaluate("form => form.isConnected")

    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()

    expect(page.locator("#toasts")).to_contain_text("withdrawn. Nothing was sent")
