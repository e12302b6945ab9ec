"""The documentation in a browser: a reader tries a call with a token of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from orders.models import Order
from tests.orders.api.conftest import make_program, open_service

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_is_tried_on_the_page_and_its_answer_shown(
    page: Any, live_server: Any, log_in: Callable[[Any, Any], None]
) -> None:
    program = make_program()
    offered = open_service()
    log_in(page, program.person)
    page.goto(f"{live_server.url}{reverse('api:docs')}")

    balance = page.locator("#balance")
    balance.get_by_text("Try it").click()
    balance.get_by_role("button", name="Call").click()
    assert "Enter your token at the top of this page first" in balance.locator("[data-answer]").inner_text()

    page.fill("#api-token", program.key)
    balance.get_by_role("button", name="Call").click()
    expect(balance.locator("[data-answer]")).to_contain_text("HTTP 200")
    expect(balance.locator("[data-answer]")).to_contain_text('"currency": "USD"')

    add = page.locator("#add")
    add.get_by_text("Try it").click()
    for name, value in {"service": str(offered.pk), "link": "https://a.example/", "quantity": "100"}.items():
        add.locator(f"[name={name}]").fill(value)
    add.get_by_role("button", name="Call").click()
    page.locator("#confirm [data-yes]").click()
    expect(add.locator("[data-answer]")).to_contain_text('"order"')
    assert Order.objects.get().created_by == program.person
    assert program.key not in page.url


def test_a_token_is_made_on_its_page_and_gone_when_the_page_is_left(
    page: Any, live_server: Any, log_in: Callable[[Any, Any], None]
) -> None:
    program = make_program()
    log_in(page, program.person)
    page.goto(f"{live_server.url}{reverse('api:tokens')}")

    page.fill("[name=name]", "Bot")
    page.get_by_role("button", name="Create token").click()
    made = page.locator("#new-token").inner_text()
    assert len(made) > 30

    page.get_by_role("link", name="Bot").click()
    page.wait_for_load_state()
    assert made not in page.content()
    assert made[-4:] in page.content()


def test_services_are_chosen_and_opened(page: Any, live_server: Any, log_in: Callable[[Any, Any], None]) -> None:
    program = make_program()
    offered = open_service(is_open=False)
    log_in(page, program.person)
    page.goto(f"{live_server.url}{reverse('api:shelf')}")

    page.locator("[data-select]").first.check()
    page.get_by_role("button", name="Open in the API").click()
    page.wait_for_load_state()

    offered.refresh_from_db()
    assert offered.is_open
    assert page.locator(".tag.good").inner_text() == str(offered.pk)
