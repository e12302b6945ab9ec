"""A recurring order in a real browser: from the order form through three weeks, with a skip, a pause and a hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import Order, Schedule
from orders.roles import ROLES, permissions_named
from tests.helpers.makers import make_service, set_limits
from tests.helpers.schedules import beat

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Any, Any], None]
DAY = timedelta(days=1)


@pytest.fixture
def mira(db: None) -> User:
    made = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["staff"]))
    return made


def test_a_recurring_order_through_three_weeks(page: Page, live_server: Any, log_in: LogIn, mira: User) -> None:
    service = make_service(name="Instagram Followers")
    log_in(page, mira)
    page.goto(f"{live_server.url}{reverse('orders:create')}?service={service.pk}")
    page.get_by_label("Link").fill("https://instagram.com/agency")
    page.get_by_label("Quantity").fill("500")
    page.get_by_role("button", name="Schedule", exact=True).click()

    expect(page.get_by_role("heading", name="Schedule orders")).to_be_visible()
    expect(page.get_by_label("Days", exact=False).first).to_be_hidden()
    page.get_by_label("Repeat").select_option("daily")
    page.get_by_label("Time zone").select_option("America/New_York")
    first = datetime.now(UTC).date() + 2 * DAY
    page.get_by_label("First day").fill(first.isoformat())
    page.locator("#id_start_time").fill("09:00")
    expect(page.locator("#times li")).to_have_count(5)
    expect(page.locator("#times")).to_contain_text("Every day at 09:00")
    page.get_by_role("button", name="Schedule orders").click()

    expect(page.get_by_text("You can pause, skip or end it at any time.")).to_be_visible()
    schedule = Schedule.objects.get()
    assert (schedule.person, schedule.repeat, schedule.time_zone) == (mira, "daily", "America/New_York")
    assert not Order.objects.exists()

    page.get_by_role("button", name=re.compile("^Skip")).click()
    expect(page.locator("#main, main").get_by_text("Skipped").first).to_be_visible()
    schedule.refresh_from_db()
    start = schedule.next_at
    assert start is not None
    for number in range(14):
        beat(start + number * DAY)
    # A price that went up, and a person who accepts it.
    service.rate = Decimal("1.20")
    service.save()
    beat(start + 14 * DAY)
    page.reload()
    expect(page.get_by_text("The price went up since this was scheduled.")).to_be_visible()
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    for number in range(14, 20):
        beat(start + number * DAY)
    page.reload()

    assert Order.objects.filter(created_by=mira).count() == 20
    expect(page.get_by_role("row")).to_have_count(22)
    page.get_by_role("link", name=re.compile(r"^#\d+$")).first.click()
    expect(page).to_have_url(re.compile(r"/orders/\d+/$"))
    page.goto(f"{live_server.url}{reverse('orders:schedule_calendar')}?month={start:%Y-%m}")
    expect(page.locator(".entry.made").first).to_be_visible()
