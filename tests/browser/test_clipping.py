"""Pages with the longest names, states, amounts and currencies: nothing is cut off, and nothing sticks out.

With PANELHUB_PICTURES naming a folder, a picture of each page is kept there.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.models import Cancellation, OrderEvent, Refill
from tests.helpers.makers import (
    make_change,
    make_completed_order,
    make_lost,
    make_order,
    make_product,
    make_product_order,
    make_provider,
    make_service,
    set_limits,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alike]

NAMES: Final = {
    "typical": "Instagram Followers [Real, 30 days refill] | Max 500K | Start 0-1 h",
    "hostile": "Donaudampfschifffahrtsgesellschaftskapitän" * 4 + " ผู้ติดตามอินสตาแกรม 30 วัน ⚡️" * 4,
}
# What must show whole: states, tags, amounts, buttons, headings of columns. Names and links may be cut with their
# title beside them.
CUT: Final = """
(shown) => [...document.querySelectorAll(shown)]
  .filter((e) => e.offsetParent && !e.closest(".visually-hidden, .clip, dialog, [popover]"))
  .flatMap((e) => {
    const box = e.getBoundingClientRect(), words = `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`;
    const cut = [];
    const sticks = e.matches(".figures dd") || getComputedStyle(e).overflow !== "visible";
    if (e.scrollWidth > e.clientWidth + 1 && sticks) cut.push(`cut: ${words}`);
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up), around = up.getBoundingClientRect();
      if (style.overflowX === "visible" || !around.width) continue;
      if (box.right > around.right + 1 || box.left < around.left - 1) { cut.push(`hidden: ${words}`); break; }
    }
    return cut;
  })
"""
WIDE: Final = "main .badge, main .tag, main .num, main .button, main th, .figures dd"
# On a phone tables of figures scroll; rows that become cards, services to choose from and figures must not.
NARROW: Final = "main .cards tbody td, main .cards tbody :is(.badge, .tag, .num), main .choices .num, .figures dd"
SCROLLS: Final = """
() => [...document.querySelectorAll("main .grid-wrap")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1)
  .map((e) => `${e.scrollWidth} > ${e.clientWidth}: ${e.textContent.trim().slice(0, 60)}`)
"""


WIDTHS: Final = """
() => {
  const row = document.querySelector("main tbody tr[data-row]"), width = (e) => e.getBoundingClientRect().width;
  return [[...row.cells].map(width), width(row.querySelector(".fluid"))];
}
"""


def fill(name: str) -> dict[str, str]:
    """Make one of each row with ``name``; return the addresses of the pages that show them."""
    is_hostile = name == NAMES["hostile"]
    currency = "WWWWWWWWWW" if is_hostile else "USD"
    big = Decimal("123456789.12345678") if is_hostile else Decimal("4.52")
    now = timezone.now()
    user = User.objects.create_superuser("w" * 40 if is_hostile else "mira", password="x")
    set_limits(user, daily_limit=big)
    provider = make_provider(
        "smmvna",
        name=name[:60],
        currency=currency,
        balance=big,
        balance_at=now - timedelta(minutes=10),
        last_failure=name,
    )
    plain: dict[str, Any] = {
        "name": name,
        "category": name[:100],
        "rate": big / 1_000,
        "average_time": "14 days 6 hours",
    }
    flags: dict[str, Any] = {"refill": True, "cancel": True, "dripfeed": True}
    service = make_service(provider, max_quantity=10**12, **flags, **plain)
    for number in range(8):
        make_service(provider, external_id=f"{number}" * 9, **flags, **plain)
    shared: dict[str, Any] = {
        "created_by": user,
        "client_label": name[:100],
        "expected_charge": big,
        "currency": currency,
    }
    link = f"https://www.instagram.com/{'long.name.' * 12}/"
    states = ("queued", "in_progress", "processing", "completed", "partial", "rejected", "held", "given_up", "refunded")
    for number, status in enumerate(states):
        order = make_order(
            service,
            status=status,
            external_id=f"{number}{'9' * 24}" if status not in {"queued", "rejected", "held", "given_up"} else None,
            link=link,
            quantity=10**10 if is_hostile else 5_000,
            remains=10**9 if is_hostile else 1_820,
            start_count=10**11 if is_hostile else 1_200,
            provider_status=name[:90],
            error=name if status == "rejected" else "",
            held_for="second_person" if status == "held" else "",
            **shared,
        )
        OrderEvent.objects.create(order=order, kind="state", after=status, words=name)
    lost = make_lost(provider)
    done = make_completed_order(service=service, **shared)
    Refill.objects.create(order=done, status="rejected", external_id="8" * 30, provider_status=name[:90])
    Refill.objects.create(order=make_completed_order(service=service), status="queued", created_by=user)
    Cancellation.objects.create(order=order, status="refused", error=name)
    make_change(service, "rate", str(big), str(big * 2))
    make_product_order(make_product(provider, name=name), created_by=user)
    return {
        "orders": reverse("orders:list"),
        "requests": reverse("orders:requests"),
        "order": reverse("orders:detail", args=[done.pk]),
        "unconfirmed order": reverse("orders:detail", args=[lost.pk]),
        "unconfirmed": reverse("orders:unconfirmed"),
        "picker": reverse("orders:create"),
        "form": f"{reverse('orders:create')}?service={service.pk}&quantity=500&runs=3&interval=10",
        "services": reverse("providers:services"),
        "service": reverse("providers:service", args=[service.pk]),
        "changes": reverse("providers:changes"),
        "providers": reverse("providers:list"),
        "provider": reverse("providers:detail", args=[provider.pk]),
        "dashboard": reverse("orders:dashboard"),
        "money": reverse("orders:money"),
        "products": reverse("orders:products"),
        "product orders": reverse("orders:product_orders"),
        "mass": reverse("orders:mass"),
        "notices": reverse("orders:notices"),
        "jobs": reverse("jobs"),
        "log": reverse("audit"),
        "account": reverse("profile"),
    }


@pytest.mark.parametrize("data", ["typical", "hostile"])
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_nothing_is_cut_off_or_sticks_out(
    page: Page, live_server: Any, log_in: Any, data: str, width: int, theme: Any
) -> None:
    addresses = fill(NAMES[data])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    log_in(page, User.objects.get(is_superuser=True))
    pictures = os.environ.get("PANELHUB_PICTURES")
    faults = []
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        if pictures:
            page.screenshot(
                path=Path(pictures) / f"{name.replace(' ', '-')}-{width}-{theme}-{data}.png", full_page=True
            )
        sticks_out = page.evaluate("document.documentElement.scrollWidth") - width
        faults += [f"{name}: {sticks_out} px too wide"] if sticks_out > 0 else []
        found = page.evaluate(CUT, WIDE if width >= 1280 else NARROW)
        found += page.evaluate(SCROLLS) if width >= 1280 else []
        faults += [f"{name}: {fault}" for fault in found]

    assert "\n".join(faults) == ""


def test_the_name_of_a_service_gets_the_width(page: Page, live_server: Any, log_in: Any) -> None:
    addresses = fill(NAMES["hostile"])
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, User.objects.get(is_superuser=True))
    for name in ("orders", "services"):
        page.goto(live_server.url + addresses[name])
        widths, named = page.evaluate(WIDTHS)

        assert named == max(widths)


def test_a_cut_name_of_a_service_shows_in_a_title_when_it_is_pointed_at(
    page: Page, live_server: Any, log_in: Any
) -> None:
    addresses = fill(NAMES["hostile"])
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, User.objects.get(is_superuser=True))
    page.goto(live_server.url + addresses["orders"])
    name = page.locator("main tbody .fluid > .clip").first
    name.hover()

    expect(name).to_have_attribute("title", re.compile(r"\d+ Donaudampf"))
