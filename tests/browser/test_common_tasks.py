"""The ten commonest tasks in a real browser, from the login to the export.

Logging in, here. Finding, ordering and watching: `test_order_journey`. Filters and the Back button:
`test_manners`. Refilling many with mixed outcomes, here; all that match: `test_after_the_sale`. Settling what is
not known: `test_after_the_sale`. A mass order of 500 lines, repeating, exporting, a session that ends in a live
row, and two tabs: here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.mass import placement
from orders.models import Order, Refill
from orders.roles import ROLES, permissions_named
from orders.submission import runner
from panelhub.background.jobs import job
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, make_completed
from tests.helpers.makers import make_order, make_service, set_limits

pytestmark = pytest.mark.django_db(transaction=True)
LIVE_MS = 30_000
PASSWORD = "correct horse battery staple"
LogIn = Callable[[Any, Any], None]


@pytest.fixture
def person() -> User:
    made = User.objects.create_user("mira", password=PASSWORD)
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["manager"]))
    return made


@pytest.fixture
def open_page(page: Page, live_server: Any, log_in: LogIn, person: User) -> Callable[..., Page]:
    """`open_page("orders:list")`: that page, opened by a manager."""

    def open_page(name: str, *args: Any, query: str = "") -> Page:
        log_in(page, person)
        page.goto(live_server.url + reverse(name, args=args) + query)
        return page

    return open_page


def test_a_wrong_password_is_reported_and_the_right_one_leads_to_where_one_wanted(
    page: Page, live_server: Any, person: User
) -> None:
    page.goto(live_server.url + reverse("providers:services") + "?q=likes")
    page.get_by_label("Username").fill("mira")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")

    page.get_by_label("Username").fill("mira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(re.compile(r"/services/\?q=likes"))


def test_chosen_orders_are_refilled_and_each_row_shows_its_own_outcome(
    open_page: Callable[..., Page], box: Sandbox
) -> None:
    provider = join(box, "smmplus", balance=Decimal(100))
    service = make_completed(box, provider, 2)[0].service
    Order.objects.create(provider=provider, service=service, external_id="999999999", status="completed", quantity=100)
    running = Order.objects.create(
        provider=provider, service=service, external_id="77", status="in_progress", quantity=100
    )
    page = open_page("orders:list")

    page.locator("[data-select-all]:visible").check()
    page.locator("[data-bulk]").get_by_role("button", name="Refill").click()
    expect(page.get_by_text("3 refill requests are queued")).to_be_visible()
    expect(page.get_by_text(f"#{running.pk}")).to_be_visible()
    runner.submit_now(provider)

    assert sorted(Refill.objects.values_list("status", flat=True)) == ["pending", "pending", "refused"]


def test_500_pasted_lines_are_checked_ordered_and_followed_even_by_who_left_the_page(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    service = make_service(name="Likes")
    page = open_page("orders:mass")
    lines = [f"{service.external_id}|https://example.com/p/{number}|100" for number in range(499)]
    page.get_by_label("Lines").fill("\n".join([f"{service.external_id}|https://example.com/p/bad|1", *lines]))
    page.get_by_label("Provider").select_option(str(service.provider_id))
    page.get_by_role("button", name="Check lines").click()

    expect(page.get_by_text("below the minimum")).to_be_visible()
    assert not Order.objects.exists()
    page.get_by_role("button", name="Place 499 orders").click()
    bar = page.get_by_role("progressbar", name="Orders created")
    expect(bar).to_be_visible()
    here = page.url
    page.goto(live_server.url + reverse("orders:list"))
    with job("place_mass_orders") as run:
        assert run is not None
        placement.place_waiting(run)
    page.goto(here)

    expect(bar).to_have_attribute("value", "499")
    assert Order.objects.count() == 499


def test_an_order_is_repeated_from_its_page(open_page: Callable[..., Page]) -> None:
    first = make_order(make_service(), status="completed", link="https://example.com/again", quantity=250)
    page = open_page("orders:detail", first.pk)

    page.get_by_role("link", name=re.compile("Order again|Repeat")).click()
    expect(page.get_by_label("Link")).to_have_value("https://example.com/again")
    expect(page.get_by_label("Quantity")).to_have_value("250")
    page.get_by_role("button", name="Review order").click()
    page.get_by_label("Yes, order it again.").check()
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#toasts")).to_contain_text("is queued")

    assert Order.objects.exclude(pk=first.pk).get().repeat_of == first


def test_what_is_filtered_is_what_is_exported(open_page: Callable[..., Page], tmp_path: Path) -> None:
    done = [make_order(status="completed", link=f"=cmd|{number}") for number in range(3)]
    make_order(status="queued")
    page = open_page("orders:list", query="?status=completed")

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    saved = tmp_path / "orders.csv"
    download.value.save_as(saved)

    rows = list(csv.reader(saved.read_text("utf-8-sig").splitlines()))
    assert {row[0] for row in rows[1:]} == {str(order.pk) for order in done}
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_a_session_that_ends_under_a_live_row_leads_to_the_login_and_back(
    open_page: Callable[..., Page], person: User, live_server: Any, log_in: LogIn
) -> None:
    order = make_order(remains=900)
    page = open_page("orders:list")
    expect(page.locator(f"#order-{order.pk}")).to_contain_text("In progress")

    page.context.clear_cookies()
    expect(page).to_have_url(re.compile(r"/login/\?next=%2Forders%2F$"), timeout=LIVE_MS)
    page.get_by_label("Username").fill("mira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.locator(f"#order-{order.pk}")).to_contain_text("In progress")


def test_two_tabs_of_one_order_agree_and_one_form_sent_from_both_is_one_order(open_page: Callable[..., Page]) -> None:
    service = make_service()
    one = open_page("orders:create", query=f"?service={service.pk}")
    one.get_by_label("Link").fill("https://example.com/p/1")
    one.get_by_label("Quantity").fill("100")
    one.get_by_role("button", name="Review order").click()
    one.get_by_role("button", name="Place order").dblclick()
    expect(one.locator("#toasts")).to_contain_text("is queued")
    order = Order.objects.get()

    two = one.context.new_page()
    two.goto(one.url)
    for tab in (one, two):
        tab.get_by_role("button", name="Withdraw").click()
    one.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(one.locator("#toasts")).to_contain_text("withdrawn. Nothing was sent")
    two.get_by_role("dialog").get_by_role("button", name="Withdraw").click()

    expect(two.locator("#toasts")).to_contain_text(re.compile("withdrawn|no longer"))
    order.refresh_from_db()
    assert order.status == "withdrawn"
