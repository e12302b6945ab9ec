"""What the page of an account says of its key, of what it can do, and of how long its money lasts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.roles import ROLES
from providers.accounts.check_contexts import describe_capabilities, describe_days_left
from providers.models import CallCount, Provider, ProviderCheck
from tests.helpers.makers import make_person, make_provider
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
REFUSED = [{"kind": "bad", "text": "Balance: The provider rejected the key. You have an <invalid> key"}]


@pytest.fixture
def browser() -> Any:
    return log_in(make_person(*ROLES["administrator"]))


def test_a_requested_check_is_waited_for_and_its_refusal_shown_in_the_providers_words(browser: Any) -> None:
    provider = make_provider()
    ProviderCheck.objects.create(provider=provider, ok=True, lines=[{"kind": "good", "text": "The key works."}])

    address = browser.post(reverse("providers:check", args=[provider.pk]))["Location"]
    waiting = text_of(browser.get(address))
    ProviderCheck.objects.create(provider=provider, ok=False, lines=REFUSED)
    shown = text_of(browser.get(address, headers=HTMX))

    assert "Checking the key" in waiting
    assert "data-live-soon" in waiting
    assert "Checking the key" not in shown
    assert "The check failed." in shown
    assert "You have an &lt;invalid&gt; key" in shown


def test_a_new_key_leads_to_the_page_that_shows_what_the_provider_says_of_it() -> None:
    administrator = log_in(make_person(is_staff=True, is_superuser=True))
    typed = {
        "name": "New panel",
        "dialect": "smmplus",
        "api_url": "https://93.184.216.34/api/v2",
        "new_key": "abcdef0123456789",
        "is_active": "on",
        "requests_per_minute": "60",
        "price_jump_percent": "30",
        "refill_pause_hours": "24",
        "currency": "USD",
        "overrides": "{}",
        "package_billing": "",
    }

    answer = administrator.post(reverse("admin:providers_provider_add"), typed)

    provider = Provider.objects.get()
    assert answer["Location"] == f"{reverse('providers:detail', args=[provider.pk])}?checking=0"


def test_a_good_check_says_so(browser: Any) -> None:
    provider = make_provider()
    ProviderCheck.objects.create(provider=provider, ok=True, lines=[{"kind": "good", "text": "The key works."}])

    page = text_of(browser.get(f"{reverse('providers:detail', args=[provider.pk])}?checking=0"))

    assert "The check passed." in page
    assert "The check failed." not in page


def test_an_old_failure_is_no_news(browser: Any) -> None:
    provider = make_provider()
    ProviderCheck.objects.create(provider=provider, ok=False, lines=REFUSED)

    page = text_of(browser.get(reverse("providers:detail", args=[provider.pk])))

    assert "The check failed." not in page
    assert "invalid" in page


@pytest.mark.parametrize("junk", ["", "x", "-1", "9" * 30])
def test_what_is_no_check_is_waited_for_by_no_one(browser: Any, junk: str) -> None:
    page = browser.get(f"{reverse('providers:detail', args=[make_provider().pk])}?checking={junk}")

    assert page.status_code == 200
    assert "Checking the key" not in text_of(page)


def test_what_was_seen_working_stands_beside_what_the_document_says() -> None:
    provider, now = make_provider(), timezone.now()
    CallCount.objects.create(provider=provider, hour=now, action="balance", outcome="ok", calls=1)
    CallCount.objects.create(provider=provider, hour=now, action="status", outcome="Unknown", calls=1)

    seen = {line["label"]: bool(line["seen"]) for line in describe_capabilities(provider, now)}

    assert [label for label, was_seen in seen.items() if was_seen] == ["balance"]


@pytest.mark.parametrize(
    ("days", "words"),
    [(None, ""), (Decimal("1.9"), "1 day left"), (Decimal(40), "40 days left"), (Decimal(999), "more than a year")],
)
def test_a_balance_that_lasts_for_years_is_not_counted_in_days(days: Decimal | None, words: str) -> None:
    assert describe_days_left(days) == words
