"""What a page weighs: lists full to the brim stay small as HTML, and so do scripts and styles of every page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any, Final

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from orders.models import Order, OrderEvent
from providers.models import CallRecord, Service
from tests.helpers.makers import make_product
from tests.security.matrix import PAGES
from tests.security.world import SUPERUSER, World, body_of, fill

pytestmark = pytest.mark.django_db

HTML_MOST: Final = 100 * 1024
ASSETS_MOST: Final = 80 * 1024
# More rows than any list shows on one page, each with a name of usual length.
ROWS: Final = 130
NAME: Final = "Instagram Followers | Real and active | 30 days refill | up to 50K a day | no drop"
ASSET: Final = re.compile(r'(?:src|href)="/static/([^"]+\.(?:js|css))"')


def test_full_pages_and_what_they_load_are_small() -> None:
    world = fill()
    add_rows(world)
    browser = world.browser(SUPERUSER)
    faults = []
    seen = set()
    for name in PAGES:
        page = find_page(world, browser, name)
        if len(page) > HTML_MOST:
            faults.append(f"{name}: {len(page):,} bytes of HTML")
        assets = frozenset(ASSET.findall(page.decode()))
        if assets and assets not in seen:
            seen.add(assets)
            weight = sum(map(weigh, assets))
            if weight > ASSETS_MOST:
                faults.append(f"{name}: {weight:,} bytes of scripts and styles")

    assert seen
    assert "\n".join(faults) == ""


def find_page(world: World, browser: Any, name: str) -> bytes:
    """Return the HTML of a page that can be looked at; of any other address nothing."""
    rule = PAGES[name]
    if not rule.get:
        return b""
    kwargs = dict(rule.kwargs)
    if rule.row:
        kwargs["pk"] = world.pk_of(rule.row, SUPERUSER)
    answer = browser.get(reverse(name, kwargs=kwargs))
    is_page = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    return body_of(answer) if is_page else b""


def weigh(asset: str) -> int:
    """Return bytes of a script or style as a server that compresses it sends it."""
    found = finders.find(asset)
    assert isinstance(found, str), asset
    return len(gzip.compress(Path(found).read_bytes()))


def add_rows(world: World) -> None:
    """Lists and records longer than a page, and a long history."""
    provider, order = world.rows["provider"], world.rows["order"]
    numbers = range(1000, 1000 + ROWS)
    Service.objects.bulk_create(
        Service(
            provider=provider, external_id=f"full-{n}", name=NAME, category="Instagram Followers", rate=1, refill=True
        )
        for n in numbers
    )
    Order.objects.bulk_create(
        Order(
            provider=provider, service=world.rows["service"], external_id=f"full-{n}", status="in_progress",
            link=f"https://www.instagram.com/p/C8kfj2lsd0a-{n}/", quantity=25_000, remains=1_000, start_count=1_234_567,
            created_by=world.people["staff"],
        )
        for n in numbers
    )  # fmt: skip
    OrderEvent.objects.bulk_create(OrderEvent(order=order, kind="note", words=NAME) for _n in range(40))
    CallRecord.objects.bulk_create(
        CallRecord(provider=provider, action="multi_status", outcome="ok", detail=NAME) for _n in numbers
    )
    for n in numbers:
        make_product(provider, external_id=f"full-{n}", name=NAME)
