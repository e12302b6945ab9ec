"""In a real browser: pages of others show none of the hub, and names of others run nothing and disguise nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import Order
from providers.models import ServiceChange
from tests.helpers.makers import make_order, make_product, make_product_order, make_provider, make_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long_on_servers]
LogIn = Callable[[Any, Any], None]

# Each sets the mark if it runs, or changes what the page looks like; each fits into the name of a provider.
HOSTILE: Final = {
    "script": "<script>window.marked=1</script>",
    "image": "<img src=x onerror=window.marked=1>",
    "attribute": "\" autofocus onfocus='window.marked=1' x=\"",
    "htmx": "<i hx-get=/stolen hx-trigger=load hx-on::load='window.marked=1'>x</i>",
    "htmx attribute": "' hx-get='/stolen' hx-trigger='load' hx-vals='js:{a:window.marked=1}' x='",
    "end of a template": "</td></tr></table></template></script><svg onload=window.marked=1>",
    "style": "<style>body{display:none}</style><div style=position:fixed;inset:0>",
    "base and refresh": "<base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example>",
    "template": "{{7*7}}{% now 'Y' %}${window.marked=1}",
    "direction": "\u202e\u2066evil\u202d",
}
PLANTED: Final = (
    'base, meta[http-equiv], img[src="x"], [hx-get="/stolen"], main style, main script:not([src]):not([type]), '
    '[style*="fixed"]'
)
FIND_FOREIGN: Final = """planted => [...document.querySelectorAll('*')]
    .filter(one => one.matches(planted) || one.getAttributeNames().some(name => /^on|^hx-on/.test(name)))
    .map(one => one.outerHTML)"""
PAGES: Final = (
    *("home", "orders:list", "orders:dashboard", "orders:create", "orders:products", "orders:product_orders"),
    *("orders:mass", "orders:notices", "providers:services", "providers:list", "providers:changes", "jobs", "audit"),
)


def fill(name: str) -> Order:
    """Make rows that carry a hostile name wherever strangers choose one."""
    provider = make_provider("smmvna", name=f"Panel {name}"[:100])
    service = make_service(provider, name=f"Service {name}", category=f"Category {name}", description=name)
    product = make_product(provider, name=f"Product {name}", category=name)
    make_product_order(product, client_label=name[:100], provider_status=name[:50], error=name)
    ServiceChange.objects.create(provider=provider, service=service, kind="name", before=name, after=f"new {name}")
    order = make_order(service, link=f"https://a.example/{name}", client_label=name[:100], note=name, error=name)
    make_order(service, status="rejected", provider_status=name[:50], error=name)
    return order


def check_page(page: Page, where: str) -> None:
    """Fail where a name ran, became an element or hid the page."""
    assert page.evaluate("window.marked") is None, where
    found = page.evaluate(FIND_FOREIGN, PLANTED)
    assert found == [], where
    assert page.evaluate("getComputedStyle(document.body).display") != "none", where
    assert page.url.startswith(page.evaluate("location.origin")), where


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_run_nothing_on_any_page(
    page: Page, live_server: Any, log_in: LogIn, admin_user: Any, kind: str
) -> None:
    order = fill(HOSTILE[kind])
    stolen: list[str] = []
    page.on("request", lambda request: stolen.append(request.url) if "stolen" in request.url else None)
    page.on("request", lambda request: stolen.append(request.url) if "//evil" in request.url else None)
    log_in(page, admin_user)
    rows = [
        reverse("orders:detail", args=[order.pk]),
        reverse("providers:detail", args=[order.provider_id]),
        f"{reverse('orders:create')}?service={order.service_id}",
    ]
    for address in [*(reverse(name) for name in PAGES), *rows]:
        page.goto(live_server.url + address)
        check_page(page, address)

    assert stolen == []


@pytest.mark.parametrize(
    "kind", ["script", "image", "attribute", "htmx", "htmx attribute", "end of a template", "style"]
)
def test_hostile_names_run_nothing_when_htmx_swaps_them_in(
    page: Page, live_server: Any, log_in: LogIn, admin_user: Any, kind: str
) -> None:
    fill(HOSTILE[kind])
    log_in(page, admin_user)
    for name, label in (("orders:list", "Search orders"), ("providers:services", ""), ("orders:create", "")):
        page.goto(live_server.url + reverse(name))
        box = page.get_by_label(label) if label else page.locator("main input[type=search]").first
        with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
            box.fill("Service" if name != "orders:list" else "a.example")
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        check_page(page, f"{name}, swapped")


def test_names_are_shown_as_they_were_written(page: Page, live_server: Any, log_in: LogIn, admin_user: Any) -> None:
    fill(HOSTILE["image"])
    log_in(page, admin_user)

    page.goto(live_server.url + reverse("providers:services"))

    expect(page.locator("main")).to_contain_text(f"Service {HOSTILE['image']}")


@pytest.mark.expects_console("frame|ancestor|Refused to display|ERR_BLOCKED_BY_RESPONSE|404")
@pytest.mark.parametrize("name", ["orders:create", "orders:list", "password_change", "admin:index", "login"])
def test_no_page_of_others_shows_the_hub_in_a_frame(
    page: Page, live_server: Any, log_in: LogIn, admin_user: Any, name: str
) -> None:
    if name != "login":
        log_in(page, admin_user)
    target = live_server.url + reverse(name)
    # Of another origin, and of the hub's own: what others may plant there would frame it as well.
    for frame_of in ("http://evil.localhost:1/", f"{live_server.url}/planted/"):
        page.route(
            frame_of, lambda route: route.fulfill(content_type="text/html", body=f"<iframe src='{target}'></iframe>")
        )
        page.goto(frame_of)
        page.wait_for_load_state("networkidle")
        (frame,) = page.frames[1:]
        assert frame.locator("form, h1, main").count() == 0

    page.goto(target)
    assert page.locator("form, h1, main").count() > 0
