"""The pages of provider accounts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, ProviderDay
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.accounts.health_labels import health_of
from providers.calls.rate_limit import CallPriority, hold_budget, reserve_slot
from providers.dialects import DIALECTS
from providers.models import BalanceReading, CallCount, CallRecord, ProviderCheck, RequestBudget
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
)
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("providers:list")
SECRET = "very-secret-key-0123"


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


def test_a_check_is_queued_for_who_may(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    notified: list[tuple[Any, ...]] = []
    monkeypatch.setattr("providers.accounts.services.notify_worker", lambda *args, **options: notified.append(args))
    provider = make_provider()
    url = reverse("providers:check", args=[provider.pk])

    assert browser.post(url).status_code == 302
    assert notified[0][1] == provider.pk
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
    grant(manager, mine)

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
    # Two of them look for words that the account sent and nothing explains, one for what was seen to work.
    with django_assert_max_num_queries(11):
        browser.get(detail(providers[0]))
    with django_assert_max_num_queries(8):
        browser.get(detail(providers[0]), headers={"HX-Request": "true"})


def test_the_budget_is_shown_with_what_waits(browser: Client) -> None:
    provider = make_provider(requests_per_minute=300, last_failure="Connection reset", last_failure_at=timezone.now())
    RequestBudget.objects.create(provider=provider)
    for _ in range(5):
        reserve_slot(provider.pk, requests_per_minute=300, priority=CallPriority.CLICK)
    for _ in range(3):
        Order.objects.create(provider=provider)

    page = text_of(browser.get(detail(provider)))

    for shown in ("of 300", "Next slot", "Connection reset", "3 to send", "Breaker", "closed"):
        assert shown in page
    assert 'value="5"' in page


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"pause_kind": "no_funds", "pause_text": "Not enough funds"}, ["not enough funds", "Not enough funds"]),
        ({"breaker_until": timedelta(minutes=5), "failures_in_a_row": 4}, ["open after 4 failures", "next check in"]),
        ({"breaker_until": timedelta(minutes=-5), "failures_in_a_row": 4}, ["failures; check due"]),
        ({"failures_in_a_row": 2}, ["closed; 2 failures in a row"]),
    ],
)
def test_the_page_says_why_nothing_is_bought(browser: Client, fields: dict[str, Any], shown: list[str]) -> None:
    now = timezone.now()
    at: dict[str, Any] = {n: now + value if isinstance(value, timedelta) else value for n, value in fields.items()}

    page = text_of(browser.get(detail(make_provider(**at))))

    assert all(words in page for words in shown)


def test_a_pause_the_provider_requested_is_reported(browser: Client) -> None:
    provider = make_provider()
    hold_budget(provider.pk, 90)

    assert "paused by the provider" in text_of(browser.get(detail(provider)))


def test_calls_are_shown_by_action_and_outcome(browser: Client) -> None:
    provider = make_provider()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for outcome, calls in (("ok", 90), ("OrderRefused", 4), ("NotSent", 3), ("<odd>", 2)):
        CallCount.objects.create(provider=provider, hour=hour, action="add", outcome=outcome, calls=calls, seconds=1.0)
    CallCount.objects.create(
        provider=provider, hour=hour - timedelta(days=3), action="cancel", outcome="ok", calls=7_654_321, seconds=1.0
    )

    page = text_of(browser.get(detail(provider)))

    for shown in ("4 rejected", "3 not sent", "2 &lt;odd&gt;"):
        assert shown in page
    assert "7,654,321" not in page


def test_days_left_follow_from_what_a_week_was_charged(browser: Client) -> None:
    provider = make_provider(balance=Decimal(100), currency="USD", balance_at=timezone.now())
    for back in range(3):
        ProviderDay.objects.create(
            day=timezone.localdate() - timedelta(days=back), provider=provider, status="completed", charge=Decimal(14)
        )
    ProviderDay.objects.create(day=timezone.localdate(), provider=provider, status="rejected", charge=Decimal(999))

    page = text_of(browser.get(detail(provider)))

    assert "16 days left" in page
    assert "6.00" in page


def test_the_history_of_the_balance_shows_its_steps(browser: Client) -> None:
    provider = make_provider(balance=Decimal(30), currency="USD")
    for balance in (10, 4, 30):
        BalanceReading.objects.create(provider=provider, balance=Decimal(balance), currency="USD")

    page = text_of(browser.get(detail(provider)))

    assert "+26.00" in page
    assert "−6.00" in page


def test_a_page_that_asks_again_gets_what_moves_alone(browser: Client) -> None:
    provider = make_provider()

    part = text_of(browser.get(detail(provider), headers={"HX-Request": "true"}))

    assert 'id="live"' in part
    assert "<html" not in part
    assert "Capabilities" not in part


def test_pausing_and_resuming_is_for_who_may_change_accounts(browser: Client) -> None:
    provider = make_provider()
    pause, resume = (reverse(f"providers:{name}", args=[provider.pk]) for name in ("pause", "resume"))
    assert browser.post(pause).status_code == 403

    administrator = log_in(make_person(*ROLES["administrator"]))
    administrator.post(pause)
    provider.refresh_from_db()
    assert provider.pause_kind == "by_hand"
    assert "Resume" in text_of(administrator.get(detail(provider)))
    administrator.post(resume)
    provider.refresh_from_db()
    assert provider.pause_kind == ""
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "provider.paused",
        "provider.resumed",
    ]


def test_lists_are_read_now_for_who_may(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    notified: list[str] = []
    monkeypatch.setattr(
        "providers.accounts.services.notify_worker", lambda task, *args, **options: notified.append(task)
    )
    provider = make_provider()

    assert browser.post(reverse("providers:sync", args=[provider.pk])).status_code == 302
    assert len(notified) == 3
    assert log_in(make_person(*ROLES["staff"])).post(reverse("providers:sync", args=[provider.pk])).status_code == 403
