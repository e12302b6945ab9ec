"""Comparing services in a real browser: by kind and price, favourites, what changed, a file, an order from the row."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from orders.models import ExchangeRate, ServiceQuality
from providers.models import Favourite, Service, ServiceChange
from tests.helpers.makers import make_provider, make_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def services() -> dict[str, Service]:
    """Two kinds at two providers in two currencies; the lira one is the cheaper."""
    lira = make_provider("smpanelim", name="smpanelim.net", currency="TRY")
    dollar = make_provider("smmplus", name="smm.plus", currency="USD")
    ExchangeRate.objects.create(currency="TRY", day="2026-11-20", rate=Decimal("0.03"), source="A bank")
    made = {
        "dear": make_service(dollar, name="Instagram followers", rate=Decimal("0.9"), external_id="501"),
        "cheap": make_service(lira, name="Instagram takipçi", rate=Decimal(20), external_id="77"),
        "views": make_service(dollar, name="TikTok views", rate=Decimal("0.01"), external_id="502"),
    }
    ServiceQuality.objects.create(service=made["dear"], orders=40, completed=0.975, partial=0.025, sureness=0.9)
    ServiceChange.objects.create(service=made["dear"], provider=dollar, kind="rate", before="1.2", after="0.9")
    return made


def names_on(page: Page) -> list[str]:
    return page.locator("table.services a.name").all_inner_texts()


def test_comparing_marking_exporting_and_ordering_from_the_row(
    page: Page, live_server: Any, log_in: Callable[[Any, Any], None], manager: Any, services: dict[str, Service]
) -> None:
    log_in(page, manager)
    page.goto(live_server.url + reverse("providers:services"))

    # The same kind side by side, the cheapest first, in one currency.
    expect(page.locator("tr.group")).to_contain_text(["Instagram · Followers", "TikTok · Views"])
    assert names_on(page) == ["Instagram takipçi", "Instagram followers", "TikTok views"]
    expect(page.locator("tr", has_text="Instagram takipçi")).to_contain_text("0.60")
    dear = page.locator(f"#service-{services['dear'].pk}")
    expect(dear).to_contain_text("price ▼ 25%")
    expect(dear).to_contain_text("98% completed, 2% partial, of 40 orders")
    page.get_by_role("link", name="only these").first.click()
    expect(page).to_have_url(re.compile(r"platform=instagram&kind=followers"))
    assert len(names_on(page)) == 2

    # A favourite is kept without the page being loaded again, and the keyboard stays on it.
    star = page.get_by_role("button", name="Favourite: 501")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    assert Favourite.objects.get().service == services["dear"]
    page.get_by_role("link", name="Favourites").click()
    expect(page).to_have_url(re.compile("favourites=on"))
    assert names_on(page) == ["Instagram followers"]

    # The file holds what the filter shows.
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()] == ["Provider ID", "501"]

    page.locator("table.services").get_by_role("link", name="Order", exact=True).click()
    expect(page).to_have_url(re.compile(rf"{reverse('orders:create')}\?service={services['dear'].pk}$"))
    expect(page.get_by_label("Link")).to_be_visible()


def test_columns_filters_and_back(
    page: Page, live_server: Any, log_in: Callable[[Any, Any], None], manager: Any, services: dict[str, Service]
) -> None:
    log_in(page, manager)
    page.goto(live_server.url + reverse("providers:services"))

    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Measured").uncheck()
    page.get_by_role("button", name="Save columns").click()
    expect(page.locator("td.measured")).to_have_count(0)
    page.get_by_label("Kind").select_option("views")
    expect(page.locator("table.services a.name")).to_have_count(1)
    expect(page.locator("td.measured")).to_have_count(0)
    expect(page).to_have_url(re.compile("kind=views"))
    page.get_by_role("link", name="Remove the filter Kind Views").click()
    expect(page.locator("table.services a.name")).to_have_count(3)

    page.goto(live_server.url + reverse("providers:service", args=[services["dear"].pk]))
    expect(page.get_by_role("img", name="Price per 1,000 over time, USD")).to_be_visible()
    expect(page.get_by_text("None.")).to_be_visible()
    page.get_by_text("View as table").click()
    expect(page.locator(".behind tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("heading", name="Services")).to_be_visible()


def test_what_changed_can_be_narrowed(
    page: Page, live_server: Any, log_in: Callable[[Any, Any], None], manager: Any, services: dict[str, Service]
) -> None:
    log_in(page, manager)
    page.goto(live_server.url + reverse("providers:services"))
    page.get_by_role("link", name="Changed since yesterday").click()
    expect(page.locator("table.changes tbody tr")).to_have_count(1)

    page.get_by_label("Change").select_option("increased")

    expect(page).to_have_url(re.compile(r"what=increased"))
    expect(page.get_by_role("heading", name="No matching changes")).to_be_visible()


def test_a_favourite_without_javascript(
    browser: Browser, live_server: Any, client: Any, manager: Any, services: dict[str, Service]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    client.force_login(manager)
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}{reverse('providers:services')}?sort=price")

    page.get_by_role("button", name="Favourite: 501").click()

    expect(page.get_by_role("button", name="Favourite: 501")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(rf"sort=price#service-{services['dear'].pk}$"))
    assert Favourite.objects.count() == 1
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_stay_in_their_place(
    page: Page, live_server: Any, log_in: Callable[[Any, Any], None], manager: Any, width: int
) -> None:
    names = ("x" * 300, "مرحبا بكم " * 30, "👩‍👩‍👧‍👦🔥" * 40, "<b>bold</b>" * 27, "Instagram \u202efollowers" * 15)
    for name in names:
        service = make_service(name=name[:500], category=name[:300], type_label=name[:60], average_time=name[:100])
        ServiceChange.objects.create(
            service=service, provider=service.provider, kind="name", before=name[:500], after=name[:500]
        )
    log_in(page, manager)
    page.set_viewport_size({"width": width, "height": 800})

    for url in (
        reverse("providers:services"),
        reverse("providers:changes"),
        *(reverse("providers:service", args=[pk]) for pk in Service.objects.values_list("pk", flat=True)),
    ):
        page.goto(live_server.url + url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tallest = page.evaluate("Math.max(0, ...[...document.querySelectorAll('tr')].map((row) => row.offsetHeight))")
        assert tallest < 480
