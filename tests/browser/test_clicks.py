"""How many clicks the commonest jobs take in a real browser, against the sandbox where something is sent.

A click is a press of the mouse or of Enter; a choice in a list counts as two. What is typed or pasted is not counted.
`pytest -s tests/browser/test_clicks.py` prints the counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import Cancellation, MassLine, Order, Refill
from orders.roles import ROLES, permissions_named
from orders.submission import runner
from providers.models import Service
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, list_service, make_completed, pick_service, send_order
from tests.helpers.lost_orders import lose_reply, read_balance, search_for
from tests.helpers.makers import make_order, make_provider, make_service, set_limits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alike]

COUNTER: Final = """
(() => {
  const add = (n) => sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") || 0) + n);
  addEventListener("pointerdown", () => add(1), true);
  addEventListener("keydown", (e) => e.key === "Enter" && !e.target.matches("textarea") && add(1), true);
  addEventListener("change", (e) => e.target.matches("select") && add(2), true);
})()
"""
POST: Final = "https://www.instagram.com/p/C8kfj2lsd0a/"
PROFILE: Final = "https://www.instagram.com/ada.studio/"


class Desk:
    """A manager's browser on the list of orders; `clicks` counts since then."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.add_init_script(COUNTER)
        page.goto(url + reverse("orders:list"))
        page.evaluate("sessionStorage.removeItem('clicks')")

    def new_order(self, words: str, link: str) -> None:
        """Open the form of the first service found by `words`."""
        self.page.get_by_role("link", name="New order").first.click()
        search = self.page.get_by_label("Search services")
        expect(search).to_be_focused()
        search.press_sequentially(words)
        expect(self.page.locator("#choices .tag.info").first).to_be_visible()
        self.page.locator("#choices a[data-open]").first.click()
        expect(self.page.get_by_label("Link")).to_be_focused()
        self.page.keyboard.type(link)

    def place(self) -> Order:
        """Review the order that was typed and place it."""
        self.page.get_by_role("button", name="Review order").click()
        self.page.get_by_role("button", name="Place order").click()
        expect(self.page.get_by_role("heading", name=re.compile("Order #"))).to_be_visible()
        return Order.objects.latest("pk")

    def report(self, job: str, *, most: int) -> None:
        """Print the count of a job, and require that it is at most `most`."""
        count = int(self.page.evaluate("sessionStorage.getItem('clicks') || '0'"))
        print(f"{count:>3} clicks: {job}")
        assert count <= most


@pytest.fixture
def desk(page: Page, live_server: Any, log_in: Callable[[Any, Any], None]) -> Desk:
    person = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(person)
    person.user_permissions.set(permissions_named(ROLES["manager"]))
    log_in(page, person)
    return Desk(page, live_server.url)


def make_catalogues() -> Service:
    """Make followers of three providers in three languages; return the cheapest with refill."""
    one, two, three = (make_provider(balance=Decimal(50), name=name) for name in ("Alpha", "Beta", "Gamma"))
    instagram: dict[str, Any] = {"platform": "instagram", "kind": "followers"}
    make_service(one, name="Instagram Followers [No Refill]", rate=Decimal("0.10"), **instagram)
    make_service(one, name="IG Followers R30", rate=Decimal("0.90"), refill=True, **instagram)
    make_service(three, name="TikTok Followers R30", rate=Decimal("0.05"), refill=True, platform="tiktok")
    name = "Instagram Takipçi 30 Gün Telafili"
    return make_service(two, name=name, rate=Decimal("0.40"), refill=True, dripfeed=True, **instagram)


def test_the_cheapest_with_refill_over_all_providers(desk: Desk) -> None:
    cheapest = make_catalogues()

    desk.new_order("instagram followers refill", PROFILE)
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.type("500")
    order = desk.place()

    assert (order.service, order.quantity) == (cheapest, 500)
    desk.report("find the cheapest with refill over all providers and order 500", most=6)


def test_custom_comments(desk: Desk) -> None:
    make_service(name="Instagram Custom Comments", type="custom_comments", platform="instagram", kind="comments")

    desk.new_order("instagram comments", POST)
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.insert_text("\n".join(f"So nice {number}" for number in range(12)))
    order = desk.place()

    assert str(order.parameters["comments"]).count("So nice") == 12
    desk.report("order twelve custom comments", most=6)


def test_drip_feed_without_trial(desk: Desk) -> None:
    make_catalogues()

    desk.new_order("instagram followers refill", PROFILE)
    desk.page.get_by_label("Quantity").fill("100")
    desk.page.get_by_label("Drip-feed: deliver in several runs").check()
    desk.page.locator("#id_runs").fill("5")
    desk.page.locator("#id_interval").fill("60")
    expect(desk.page.locator("#quote")).to_contain_text("5 runs × 100, one every 60 min = 500 in 4 h")
    order = desk.place()

    assert (order.parameters["runs"], order.parameters["interval"]) == ("5", "60")
    desk.report("order a drip-feed, its sum read before it is placed", most=7)


def test_ten_lines_with_three_mended_in_place(desk: Desk) -> None:
    service = make_service(make_provider(balance=Decimal(50)), name="Likes", min_quantity=100)
    wrong = {2, 5, 9}
    desk.page.get_by_role("link", name="Mass orders").click()
    desk.page.get_by_label("Lines").fill(
        "\n".join(f"{service.external_id}|https://example.com/p/{n}|{1 if n in wrong else 100}" for n in range(1, 11))
    )
    desk.page.get_by_role("button", name="Check lines").click()
    expect(desk.page.get_by_text("below the minimum")).to_have_count(3)
    for number in sorted(wrong):
        line = desk.page.locator(f"#line-{MassLine.objects.get(number=number).pk}")
        line.locator("a[hx-get]").click()
        quantity = desk.page.locator(f"#{line.get_attribute('id')}-quantity")
        quantity.fill("150")
        quantity.press("Enter")
        expect(line).to_contain_text("150")
    desk.page.get_by_role("button", name="Place 10 orders").click()
    expect(desk.page.get_by_role("progressbar", name="Orders created")).to_be_visible()

    desk.report("mass order of ten lines, three mended in place", most=10)


def test_five_refilled_and_tracked(desk: Desk, box: Sandbox) -> None:
    provider = join(box, "smmplus", balance=Decimal(100))
    make_completed(box, provider, 5)
    desk.page.reload()

    desk.page.locator("[data-select-all]:visible").check()
    desk.page.locator("[data-bulk]").get_by_role("button", name="Refill").click()
    expect(desk.page.get_by_text("5 refill requests are queued")).to_be_visible()
    runner.submit_now(provider)
    desk.page.get_by_role("link", name="Refills & cancels").first.click()
    rows = desk.page.locator("table.requests tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.locator("td.state", has_text="Pending")).to_have_count(5)

    assert all(Refill.objects.values_list("external_id", flat=True))
    desk.report("refill five and see them tracked", most=5)


def test_one_is_canceled(desk: Desk, box: Sandbox) -> None:
    provider = join(box, "smmplus", balance=Decimal(100))
    service = list_service(provider, pick_service(box.panel("smmplus"), cancel=True))
    order = send_order(provider, service)
    desk.page.reload()

    desk.page.get_by_role("link", name=f"#{order.pk}", exact=True).click()
    desk.page.get_by_role("button", name="Cancel", exact=True).click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Cancel order").click()
    expect(desk.page.locator("#toasts")).to_contain_text("queued")
    runner.submit_now(provider)

    assert Cancellation.objects.get().status == "accepted"
    desk.report("cancel one order", most=3)


def test_a_lost_reply_is_settled(desk: Desk, box: Sandbox) -> None:
    provider = join(box, "smmplus", balance=Decimal(100))
    service = list_service(provider, pick_service(box.panel("smmplus")))
    read_balance(box, provider)
    send_order(provider, service)
    read_balance(box, provider)
    order, external_id = lose_reply(box, provider, service)
    read_balance(box, provider)
    search_for(order)
    desk.page.reload()

    desk.page.get_by_role("link", name=re.compile("Unconfirmed")).first.click()
    desk.page.get_by_role("button", name=f"Adopt #{external_id}").click()
    expect(desk.page.get_by_text(f"Adopted as {external_id}.")).to_be_visible()

    order.refresh_from_db()
    assert order.external_id == external_id
    desk.report("settle a lost reply", most=2)


def test_all_orders_of_one_client(desk: Desk) -> None:
    for number in range(4):
        make_order(client_label="Ada Studio" if number % 2 else "Someone else")
    desk.page.reload()

    desk.page.keyboard.press("/")
    desk.page.keyboard.type("Ada Studio")
    expect(desk.page.locator("tr[data-row]")).to_have_count(2)

    desk.report("all orders of one client", most=2)
