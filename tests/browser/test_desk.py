"""The desk in a real browser: kept views, the palette, choosing by thumb, the pause, a second person."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from orders.models import HubRules, Order, SavedView
from orders.roles import ROLES, permissions_named
from tests.helpers.makers import make_order, make_service, set_limits

pytestmark = pytest.mark.django_db(transaction=True)
LIVE_MS = 30_000
LogIn = Callable[[Any, Any], None]


def make_user(name: str, role: str) -> User:
    made = User.objects.create_user(name, password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES[role]))
    return made


@pytest.fixture
def mira(db: None) -> User:
    return make_user("mira", "staff")


@pytest.fixture
def staff_page(page: Page, live_server: Any, log_in: LogIn, mira: User) -> Page:
    """Return the list of orders, opened by mira, who has the role `staff`."""
    log_in(page, mira)
    page.goto(live_server.url + reverse("orders:list"))
    return page


def test_a_filter_is_kept_opened_renamed_and_deleted(staff_page: Page, mira: User) -> None:
    make_order(status="partial", created_by=mira)
    make_order()
    staff_page.reload()
    rows = staff_page.locator("tr[data-row]")

    staff_page.get_by_label("Person").select_option("me")
    expect(rows).to_have_count(1)
    staff_page.get_by_role("button", name="Save view").click()
    staff_page.get_by_label("Name").fill("Mine")
    staff_page.get_by_label("Name").press("Enter")
    expect(staff_page.locator("#toasts")).to_contain_text("View Mine saved.")

    views = staff_page.get_by_role("navigation", name="Views")
    views.get_by_role("link", name="All").click()
    expect(rows).to_have_count(2)
    views.get_by_role("link", name="Mine").click()
    expect(rows).to_have_count(1)
    expect(staff_page).to_have_url(re.compile(r"\?person=me$"))
    expect(views.get_by_role("link", name="Mine")).to_have_attribute("aria-current", "page")

    staff_page.get_by_role("button", name="Edit view").click()
    staff_page.get_by_label("Name").fill("Ours")
    staff_page.get_by_role("button", name="Rename").click()
    expect(views.get_by_role("link", name="Ours")).to_be_visible()
    staff_page.get_by_role("button", name="Edit view").click()
    staff_page.get_by_role("button", name="Delete view").click()
    expect(views.get_by_role("link", name="Ours")).to_have_count(0)
    assert not SavedView.objects.exists()


def test_a_view_is_kept_without_scripts(browser: Browser, live_server: Any, log_in: LogIn, mira: User) -> None:
    make_order()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    log_in(page, mira)
    page.goto(f"{live_server.url}{reverse('orders:list')}?status=in_progress")

    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name").fill("Moving")
    page.get_by_role("dialog").get_by_role("button", name="Save view").or_(
        page.locator("#view-form").get_by_role("button", name="Save view")
    ).first.click()

    expect(page.get_by_role("link", name="Moving")).to_have_attribute("aria-current", "page")
    context.close()


# Enter leaves the page while the search for the last letter may still be under way.
@pytest.mark.expects_console("htmx:(afterRequest|sendAbort)")
def test_the_palette_leads_anywhere_by_keyboard(staff_page: Page, live_server: Any) -> None:
    order = make_order(make_service(name="Instagram likes"), external_id="23501")
    field = staff_page.get_by_role("combobox", name="Search everything")

    staff_page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(staff_page.get_by_role("option", name="New order")).to_have_attribute("aria-selected", "true")
    staff_page.keyboard.press("ArrowDown")
    expect(staff_page.get_by_role("option", name="New mass order")).to_have_attribute("aria-selected", "true")
    staff_page.keyboard.press("ArrowUp")
    staff_page.keyboard.press("ArrowUp")
    expect(staff_page.get_by_role("option").last).to_have_attribute("aria-selected", "true")

    staff_page.keyboard.type("23501")
    option = staff_page.get_by_role("option", name=f"#{order.pk} (23501) Instagram likes")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "none")
    staff_page.keyboard.press("Enter")
    expect(staff_page).to_have_url(live_server.url + reverse("orders:detail", args=[order.pk]))
    staff_page.wait_for_load_state()

    staff_page.keyboard.press("Control+k")
    staff_page.keyboard.type("nothing like this")
    expect(staff_page.locator(".palette-none")).to_contain_text("No results")
    staff_page.keyboard.press("Enter")
    staff_page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    staff_page.get_by_role("link", name="Search everything").click()
    expect(field).to_be_focused()


def test_the_help_lists_every_key(staff_page: Page) -> None:
    staff_page.keyboard.press("?")

    keys = staff_page.locator("#keys dt")
    reported = " ".join(keys.all_inner_texts())
    for key in ("/", "j", "k", "Enter", "x", "n", "Ctrl", "K", "?", "Esc", "Shift"):
        assert key in reported


def test_orders_are_chosen_by_thumb_on_a_narrow_screen(
    browser: Browser, live_server: Any, log_in: LogIn, mira: User
) -> None:
    service = make_service(refill=True)
    orders = [make_order(service, status="completed", external_id=str(number)) for number in range(3)]
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    log_in(page, mira)
    page.goto(live_server.url + reverse("orders:list"))

    box = page.get_by_label(f"Select order #{orders[0].pk}")
    target = box.locator("xpath=..").bounding_box()
    assert target is not None
    assert min(target["width"], target["height"]) >= 44
    box.tap()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.get_by_label("Select all on this page").tap()
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    page.get_by_role("button", name="Refill").tap()

    expect(page.locator("#toasts")).to_contain_text("3 refill requests are queued.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def place_order(page: Page, live_server: Any, service: Any) -> Order:
    """Order a thousand of a service by its form, and arrive at the order's page."""
    page.goto(f"{live_server.url}{reverse('orders:create')}?service={service.pk}")
    page.get_by_label("Link").fill("https://a.example/p/1")
    page.get_by_label("Quantity").fill("1000")
    page.get_by_role("button", name="Review order").click()
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Order #")).to_be_visible()
    return Order.objects.latest("pk")


def test_an_order_is_withdrawn_while_the_seconds_run(staff_page: Page, live_server: Any) -> None:
    HubRules.objects.create(pk=1, undo_seconds=60)
    order = place_order(staff_page, live_server, make_service())
    notice = staff_page.locator("[data-countdown]")

    expect(notice).to_contain_text(re.compile(r"Sending in \d\d s"))
    before = notice.locator("[data-left]").inner_text()
    expect(notice.locator("[data-left]")).not_to_have_text(before)
    notice.get_by_role("button", name="Undo").click()

    expect(staff_page.locator("#toasts")).to_contain_text("withdrawn. Nothing was sent")
    order.refresh_from_db()
    assert (order.status, order.tries) == ("withdrawn", 0)
    staff_page.get_by_role("link", name="Order again").click()
    expect(staff_page.get_by_label("Link")).to_have_value("https://a.example/p/1")


def test_the_way_back_ends_with_the_pause(staff_page: Page, live_server: Any) -> None:
    HubRules.objects.create(pk=1, undo_seconds=3)
    place_order(staff_page, live_server, make_service())

    expect(staff_page.get_by_role("button", name="Undo")).to_have_count(0, timeout=10_000)
    expect(staff_page.get_by_role("button", name="Withdraw")).to_be_visible()


def test_a_large_order_waits_for_a_second_person(
    staff_page: Page, browser: Browser, live_server: Any, mira: User
) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal("0.50"))
    mira.user_permissions.set(permissions_named(ROLES["manager"]))
    order = place_order(staff_page, live_server, make_service())
    expect(staff_page.locator("#toasts")).to_contain_text("needs approval by another person")
    expect(staff_page.get_by_text("You placed this order. Another person has to approve it")).to_be_visible()
    expect(staff_page.get_by_role("button", name="Approve")).to_have_count(0)

    context = browser.new_context()
    other = context.new_page()
    # A second session; logging in twice by the same client would end the first.
    client = Client()
    client.force_login(make_user("tom", "manager"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    other.goto(live_server.url + reverse("orders:list"))
    other.get_by_role("navigation", name="Views").get_by_role("link", name="Needs attention").click()
    row = other.locator(f"#order-{order.pk}")
    expect(row).to_contain_text("needs a second person")
    row.get_by_role("link", name=f"#{order.pk}").click()
    other.get_by_role("button", name="Approve").click()
    expect(other.locator("#toasts")).to_contain_text("is queued.")
    context.close()

    expect(staff_page.locator("#order-live")).to_contain_text("Queued", timeout=LIVE_MS)
    order.refresh_from_db()
    assert order.status == "queued"
    assert order.approved_by is not None
    assert order.approved_by.username == "tom"
