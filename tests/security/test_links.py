"""Links of orders lead to pages, or are text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from orders.roles import ROLES
from tests.helpers.makers import make_person, make_service

pytestmark = pytest.mark.django_db

NO_PAGES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/",
    "https://somebody@example.com/",
    "https://example.com/\r\nX-Injected: yes",
    "https://example.com/" + "a" * 3_000,
    "https://exam ple.com/",
    "https://example.com/\u202egpj.exe",
    "ftp://example.com/",
)


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(make_person(*ROLES["manager"]), backend="panelhub.security.backends.RoleBackend")
    return client


@pytest.mark.parametrize("link", NO_PAGES)
def test_what_is_no_link_to_a_page_is_not_ordered(browser: Client, link: str) -> None:
    form = {"service": make_service().pk, "link": link, "quantity": "100"}
    answer = browser.post(reverse("orders:create"), form)

    assert answer.status_code == 422
    assert not Order.objects.exists()


@pytest.mark.parametrize("link", NO_PAGES)
def test_a_link_that_was_imported_is_text_unless_it_leads_to_a_page(browser: Client, link: str) -> None:
    service = make_service()
    order = Order.objects.create(provider=service.provider, service=service, link=link[:2_000], quantity=100)
    pages = [browser.get(reverse("orders:detail", args=[order.pk])), browser.get(reverse("orders:list"))]

    for page in pages:
        body = page.content.decode().lower()
        for scheme in ("javascript:", "data:", "vbscript:", "file:", "ftp:", "//evil"):
            assert f'href="{scheme}' not in body
        if 'href="https://exam' in body:
            assert "noopener noreferrer" in body
