"""In a browser: twelve slow orders written to two providers and marked; a refill that ends tomorrow, by rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.aftercare.refill_rules import request_next
from orders.aftercare.refill_windows import refresh_windows
from orders.aftercare.slow_orders import refresh_slow_orders
from orders.models import OrderEvent, Refill, ServiceQuality, Ticket
from orders.polling.services import sync_now
from orders.polling.subjects import REFILLS
from orders.roles import ROLES, permissions_named
from orders.submission.services import send_due
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service
from tests.helpers.makers import make_completed_order, make_order, make_provider, make_service, set_limits

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Any, Any], None]


@pytest.fixture
def mira(db: None) -> User:
    made = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["staff"]))
    return made


def test_twelve_slow_orders_are_written_to_two_providers(
    page: Page, live_server: Any, log_in: LogIn, mira: User
) -> None:
    at = timezone.now() - timedelta(hours=9)
    for name, count in (("North", 8), ("South", 4)):
        service = make_service(make_provider(name=name), name=f"Followers from {name}")
        ServiceQuality.objects.create(service=service, orders=40, seconds_to_finish=7_200.0)
        for number in range(count):
            make_order(service, external_id=f"{count}0{number}", created_at=at, placed_at=at, moved_at=at)
    refresh_slow_orders()
    log_in(page, mira)
    page.goto(f"{live_server.url}{reverse('orders:list')}?tab=slow")
    expect(page.locator("tr[data-row]")).to_have_count(12)
    expect(page.get_by_text("9 h so far, usually 2 h").first).to_be_visible()

    page.get_by_label("Select all orders on this page").check()
    page.get_by_role("button", name="Write to provider").click()
    expect(page.get_by_role("heading", name="North")).to_be_visible()
    expect(page.get_by_text("400,401,402,403")).to_be_visible()
    page.get_by_role("button", name="Open tickets").click()
    expect(page.locator("tr[data-row]")).to_have_count(2)

    page.get_by_role("link", name=re.compile("^#")).first.click()
    expect(page.get_by_text("400,401,402,403 Speed up")).to_be_visible()
    page.get_by_label("Answer").fill("Will be done today")
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.get_by_text("Marked as answered.")).to_be_visible()
    page.locator("tr[data-row] a").first.click()
    expect(page.get_by_text("was answered: Will be done today").first).to_be_visible()

    assert Ticket.objects.filter(answered_at__isnull=False).count() == 1
    assert OrderEvent.objects.filter(kind="note", words__contains="Speed up").count() == 12


def test_a_refill_that_ends_tomorrow_is_requested_by_rule_and_followed(
    page: Page, live_server: Any, log_in: LogIn, mira: User, box: Sandbox
) -> None:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    provider = join(box, "smmplus")
    listed = list_service(provider, pick_service(panel))
    listed.refill, listed.refill_days = True, 30
    listed.save()
    now = timezone.now()
    order = make_completed_order(service=listed, external_id="1", finished_at=now - timedelta(days=29))
    OrderEvent.objects.create(order=order, kind="state", after="completed")
    refresh_windows()
    log_in(page, mira)
    page.goto(f"{live_server.url}{reverse('orders:list')}?tab=refill_ending")
    expect(page.get_by_text("Refill: 1 day left")).to_be_visible()

    page.get_by_role("link", name=f"#{order.pk}").click()
    care = page.locator("#refill-care")
    expect(care.get_by_text("1 day left")).to_be_visible()
    care.get_by_label("Days between requests").fill("1")
    care.get_by_role("button", name="Start rule").click()
    expect(page.locator("#refill-care").get_by_text("Every 1 day as mira")).to_be_visible()

    # The window still lasts a little when the day is over.
    order.refill_window.ends_at = now + timedelta(days=1, hours=1)
    order.refill_window.save(update_fields=["ends_at"])
    request_next(timezone.now() + timedelta(days=1))
    send_due(provider)
    sync_now(REFILLS, provider)
    page.reload()

    assert len(calls_of(panel, "refill")) == 1
    assert Refill.objects.get().status in {"pending", "in_progress", "completed", "refused"}
    expect(page.locator(".follow-ups tr")).to_have_count(1)
