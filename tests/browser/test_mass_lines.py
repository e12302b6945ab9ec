"""A faulty line of a mass order in a real browser: mended where it stands, without a new paste."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import MassLine, Order
from orders.roles import ROLES, permissions_named
from tests.helpers.makers import make_service, set_limits

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Any, Any], None]


@pytest.fixture
def mira(db: None) -> User:
    made = User.objects.create_user("mira", password="correct horse battery staple")
    set_limits(made)
    made.user_permissions.set(permissions_named(ROLES["staff"]))
    return made


def test_a_faulty_line_is_mended_in_place(page: Page, live_server: Any, log_in: LogIn, mira: User) -> None:
    service = make_service(name="Likes")
    log_in(page, mira)
    page.goto(live_server.url + reverse("orders:mass"))
    page.get_by_label("Lines").fill(
        f"{service.external_id}|https://example.com/p/1|1\n{service.external_id}|https://example.com/p/2|100"
    )
    page.get_by_label("Provider").select_option(str(service.provider_id))
    page.get_by_role("button", name="Check lines").click()
    expect(page.get_by_text("below the minimum")).to_be_visible()
    here = page.url
    line = MassLine.objects.get(number=1)

    page.locator(f"#line-{line.pk} a[hx-get]").click()
    quantity = page.locator(f"#line-{line.pk}-quantity")
    expect(quantity).to_have_value("1")
    quantity.fill("150")
    page.get_by_role("button", name="Check line").click()

    expect(page.get_by_role("button", name=re.compile("Place 2 orders"))).to_be_visible()
    expect(page.get_by_text("below the minimum")).to_have_count(0)
    expect(page.locator(f"#line-{line.pk}")).to_contain_text("150")
    assert page.url == here
    assert not Order.objects.exists()
    line.refresh_from_db()
    assert (line.fault, line.quantity) == ("", 150)
