"""The pages of provider accounts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Person
from orders.roles import ROLES
from providers.dialects import DIALECTS
from providers.health_words import health_of
from providers.models import BalanceReading, CallCount, CallRecord, ProviderCheck
from tests.helpers.makers import make_person, make_provider
from tests.providers.views.test_catalogue import log_in, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("providers:list")
SECRET = "very-secret-key-0123"


@pytest.fixture
def manager(db: None) -> Any:
    return make_person(*ROLES["manager"])


@pytest.fixture
def browser(manager: Any) -> Client:
    return log_in(manager)


def detail(provider: Any) -> str:
    return reverse("providers:detail", args=[provider.pk])


def test_the_list_shows_balance_health_and_freshness_and_no_key(browser: Client) -> None:
    make_provider(name="North", balance=Decimal("12.345"), api_key=SECRET, last_success_at=timezone.now())
    make_provider(name="South", pause_kind="no_funds", pause_text="Not enough funds on balance", is_sandbox=True)

    page = text_of(browser.get(LIST))

    for shown in ("North", "12.345", "Working", "South", "Paused", "Not enough funds on balance", "Sandbox"):
        assert shown in page
    assert SECRET not in page


@pytest.mark.parametrize("slug", DIALECTS)
def test_one_account_shows_what_it_can_do_and_why_not(browser: Client, slug: str) -> None:
    page = text_of(browser.get(detail(make_provider(slug, api_key=SECRET))))

    assert "multiple order status" in page
    assert SECRET not in page
    if slug == "smpanelim":
        assert "refills go one by one" in page


def test_one_account_shows_its_failures_and_figures(browser: Client) -> None:
    provider = make_provider(balance=Decimal(4), low_balance=Decimal(5))
    for number in range(3):
        BalanceReading.objects.create(provider=provider, balance=Decimal(number), currency="USD")
    CallRecord.objects.create(
        provider=provider, action="status", outcome="Unknown", detail="<cut off>", http_status=502
    )
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    CallCount.objects.create(provider=provider, hour=hour, action="status", outcome="ok", calls=1234, seconds=246.8)
    CallCount.objects.create(provider=provider, hour=hour, action="status", outcome="Unknown", calls=2, seconds=0.2)
    ProviderCheck.objects.create(provider=provider, lines=[{"kind": "good", "text": "The key works."}], ok=True)

    page = text_of(browser.get(detail(provider)))

    for shown in ("&lt;cut off&gt;", "502", "1,234", "0.20 s", "The key works.", 'class="spark"', "low"):
        assert shown in page


@pytest.mark.parametrize(
    ("fields", "tone", "words"),
    [
        ({"is_active": False}, "neutral", ""),
        ({"pause_kind": "bad_key", "pause_text": "Invalid API key"}, "warn", "Invalid API key"),
        ({"breaker_until": timedelta(minutes=2), "last_failure": "reset"}, "bad", "reset"),
        ({"breaker_until": timedelta(minutes=-2), "last_failure": "reset"}, "bad", "reset"),
        ({"failures_in_a_row": 1, "last_failure": "HTTP 500"}, "warn", "HTTP 500"),
        ({}, "neutral", ""),
        ({"last_success_at": timedelta()}, "good", ""),
    ],
)
def test_health_is_the_worst_of_what_is_known(fields: dict[str, Any], tone: str, words: str) -> None:
    now = timezone.now()
    at: dict[str, Any] = {n: now + v if isinstance(v, timedelta) else v for n, v in fields.items()}

    health = health_of(make_provider(**at), now)

    assert (health.tone, health.words) == (tone, words)


def test_a_check_is_rung_for_who_may(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr("providers.views.accounts.ring", lambda *args, **options: rung.append(args))
    provider = make_provider()
    url = reverse("providers:check", args=[provider.pk])

    assert browser.post(url).status_code == 302
    assert rung[0][1] == provider.pk
    assert browser.get(url).status_code == 405
    staff = log_in(make_person(*ROLES["staff"]))
    assert staff.post(url).status_code == 403
    assert "Check now" not in text_of(staff.get(detail(provider)))


def test_balances_are_hidden_from_who_may_not_see_costs() -> None:
    provider = make_provider(balance=Decimal("98.7654"))
    viewer = log_in(make_person(*ROLES["viewer"]))

    assert "98.7654" not in text_of(viewer.get(LIST))
    assert "98.7654" not in text_of(viewer.get(detail(provider)))


def test_a_provider_one_is_not_granted_is_not_there(manager: Any, browser: Client, client: Any) -> None:
    mine, other = make_provider(), make_provider()
    Person.objects.create(user=manager).providers.add(mine)

    assert other.name not in text_of(browser.get(LIST))
    assert browser.get(detail(other)).status_code == 404
    assert browser.post(reverse("providers:check", args=[other.pk])).status_code == 404
    assert client.get(LIST).status_code == 302
    assert log_in(make_person()).get(LIST).status_code == 403


def test_few_statements_however_many_accounts(browser: Client, django_assert_max_num_queries: Any) -> None:
    providers = [make_provider() for _number in range(12)]
    browser.get(LIST)

    with django_assert_max_num_queries(8):
        browser.get(LIST)
    with django_assert_max_num_queries(8):
        browser.get(detail(providers[0]))
