"""Balances: what is kept, what is due, and the probe that brings a provider back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from werkzeug import Response

from providers.accounts.balances import providers_due, reopen, sync_balance
from providers.calls import circuit_breaker
from providers.client.errors import AccountRefused, ProviderError
from providers.models import BalanceReading, Provider
from tests.providers.panels import PlainPanel

pytestmark = pytest.mark.django_db


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_a_balance_is_kept_and_a_reading_written_only_when_it_moved(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    assert sync_balance(provider) == {"read": 1, "moved": 1}
    assert (provider.balance, provider.currency) == (Decimal("100.50"), "USD")
    assert provider.balance_at

    assert sync_balance(provider) == {"read": 1}
    panel.answers["balance"] = {"balance": "99.1234567891", "currency": "USD"}
    assert sync_balance(provider)["moved"] == 1

    assert [reading.balance for reading in BalanceReading.objects.order_by("id")] == [
        Decimal("100.50"),
        Decimal("99.1234567891"),
    ]


def test_the_first_reading_is_written_even_of_a_balance_that_was_typed_in(panel: PlainPanel) -> None:
    provider = panel.make_provider(balance=Decimal("100.50"), currency="USD")
    assert sync_balance(provider) == {"read": 1}
    assert BalanceReading.objects.count() == 1


@pytest.mark.parametrize(("said", "kept"), [("-3.5", "-3.5"), (0, "0"), (" 12 ", "12"), ("1,234.5", "1234.5")])
def test_negative_and_oddly_written_balances_are_read(panel: PlainPanel, said: Any, kept: str) -> None:
    panel.answers["balance"] = {"balance": said}
    provider = panel.make_provider(currency="TRY")
    sync_balance(provider)
    assert (provider.balance, provider.currency) == (Decimal(kept), "TRY")


@pytest.mark.parametrize("said", [{"balance": "1" + "0" * 30}, {"balance": "NaN"}, {"balance": None}, [], "x"])
def test_what_is_no_balance_changes_nothing(panel: PlainPanel, said: Any) -> None:
    provider = panel.make_provider()
    sync_balance(provider)
    panel.answers["balance"] = said
    with pytest.raises(ProviderError):
        sync_balance(provider)
    provider.refresh_from_db()
    assert provider.balance == Decimal("100.50")


# --- The probe --------------------------------------------------------------------------------------------------------


def test_an_open_provider_is_not_called(panel: PlainPanel) -> None:
    assert reopen(panel.make_provider())
    assert not panel.calls


def test_a_broken_provider_is_tried_when_its_time_has_come(panel: PlainPanel) -> None:
    provider = panel.make_provider(breaker_until=timezone.now() + timedelta(minutes=5))
    assert not reopen(provider)
    assert not panel.calls
    Provider.objects.update(breaker_until=ago(seconds=1))
    assert reopen(provider)
    assert panel.actions() == ["balance"]
    assert provider.breaker_until is None


def test_a_person_need_not_wait_for_the_breaker(panel: PlainPanel) -> None:
    provider = panel.make_provider(breaker_until=timezone.now() + timedelta(minutes=5), paid_failures=5)
    assert reopen(provider, at_once=True)
    # Paid calls had kept failing: there is one trial all the same.
    assert circuit_breaker.admit_paid_call(provider)
    assert not circuit_breaker.admit_paid_call(Provider.objects.get())


def test_a_provider_that_is_still_down_stays_broken_and_waits_longer(panel: PlainPanel) -> None:
    panel.answers["balance"] = Response("", status=502)
    provider = panel.make_provider(breaker_until=ago(seconds=1), failures_in_a_row=3)
    assert not reopen(provider)
    assert provider.breaker_until is not None
    assert provider.breaker_until > timezone.now()
    assert not reopen(provider)
    assert len(panel.calls) == 1


def test_a_paused_account_is_probed_and_opened(panel: PlainPanel) -> None:
    provider = panel.make_provider(pause_kind="maintenance", last_failure_at=ago(minutes=2))
    assert reopen(provider)
    assert provider.pause_kind == ""


@pytest.mark.parametrize("kind", ["by_hand", "new_key"])
def test_what_a_person_paused_is_not_even_called(panel: PlainPanel, kind: str) -> None:
    assert not reopen(panel.make_provider(pause_kind=kind), at_once=True)
    assert not panel.calls


def test_an_account_that_is_off_is_not_called(panel: PlainPanel) -> None:
    assert not reopen(panel.make_provider(is_active=False, breaker_until=ago(seconds=1)), at_once=True)
    assert not panel.calls


def test_without_a_balance_to_ask_for_the_wait_alone_must_do(panel: PlainPanel) -> None:
    provider = panel.make_provider(breaker_until=ago(seconds=1), overrides={"without": ["balance"]})
    assert reopen(provider)
    assert not panel.calls


# --- What is due ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "minutes", "due"),
    [
        ({}, {}, True),
        ({"is_active": False}, {}, False),
        ({}, {"balance_at": -4}, False),
        ({}, {"balance_at": -6}, True),
        ({"pause_kind": "by_hand"}, {"balance_at": -6}, True),
        ({}, {"breaker_until": 10}, False),
        ({}, {"breaker_until": 60}, True),
        ({}, {"breaker_until": -1, "balance_at": -0.1}, True),
        ({"pause_kind": "no_funds"}, {"balance_at": -0.5}, False),
        ({"pause_kind": "no_funds"}, {"balance_at": -1.2, "last_failure_at": -1.2}, True),
        ({"pause_kind": "bad_key"}, {"last_failure_at": -4}, False),
        ({"pause_kind": "bad_key"}, {"last_failure_at": -6}, True),
    ],
)
def test_who_is_due(fields: dict[str, Any], minutes: dict[str, float], due: bool) -> None:
    moments = {name: timezone.now() + timedelta(minutes=offset) for name, offset in minutes.items()}
    Provider.objects.create(name="one", api_url="https://panel.invalid/", **fields, **moments)
    assert providers_due().exists() == due


def test_a_key_that_is_refused_is_tried_rarely(panel: PlainPanel) -> None:
    provider = panel.make_provider(api_key="some-other-key-entirely")
    with pytest.raises(AccountRefused):
        sync_balance(provider)
    assert not providers_due().exists()
    Provider.objects.update(last_failure_at=ago(minutes=6))
    with pytest.raises(AccountRefused):
        sync_balance(provider)
    assert not providers_due().exists()


def test_a_paused_account_without_a_balance_to_ask_for_is_tried_again_after_a_while(panel: PlainPanel) -> None:
    provider = panel.make_provider(pause_kind="maintenance", overrides={"without": ["balance"]})
    assert reopen(provider)
    Provider.objects.update(pause_kind="by_hand")
    assert not reopen(provider, at_once=True)
