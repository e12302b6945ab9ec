"""The breaker and the pause: when they close the way of paid calls, and what opens it again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from providers.calls import circuit_breaker
from providers.calls.rate_limit import seconds_held
from providers.client.errors import (
    AccountProblem,
    AccountRefused,
    NotSent,
    NotSupported,
    OrderRefused,
    RateLimited,
    Unknown,
)
from providers.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="one", api_url="https://panel.invalid/", balance=Decimal(10))


def fail(provider: Provider, error: Exception, *, paid: bool = False, times: int = 1) -> None:
    for _ in range(times):
        circuit_breaker.note_failure(provider, error, paid=paid)
    provider.refresh_from_db()


def seconds_left(provider: Provider) -> float:
    assert provider.breaker_until is not None
    return (provider.breaker_until - timezone.now()).total_seconds()


def is_open(provider: Provider) -> bool:
    provider.refresh_from_db()
    now = timezone.now()
    verdict = circuit_breaker.is_open_for_paid_calls(provider, now)
    assert verdict == Provider.objects.open_for_paid_calls(now).filter(pk=provider.pk).exists()
    return verdict


# --- The breaker ------------------------------------------------------------------------------------------------------


def test_a_provider_that_cannot_be_reached_opens_the_breaker_at_once(provider: Provider) -> None:
    fail(provider, NotSent("nothing listens"))
    assert not is_open(provider)
    assert 1 < seconds_left(provider) < 3
    assert provider.last_failure == "nothing listens"


def test_each_further_failure_makes_the_wait_longer_up_to_a_quarter_of_an_hour(provider: Provider) -> None:
    waits = []
    for _ in range(12):
        fail(provider, NotSent("down"))
        waits.append(seconds_left(provider))
    assert waits[3] > waits[1] > waits[0]
    assert 600 < waits[-1] <= 900 * 1.2


def test_three_unreadable_answers_in_a_row_open_the_breaker(provider: Provider) -> None:
    fail(provider, Unknown("html"), times=2)
    assert is_open(provider)
    fail(provider, Unknown("html"))
    assert not is_open(provider)


def test_a_read_that_works_closes_the_breaker(provider: Provider) -> None:
    fail(provider, NotSent("down"), times=4)
    circuit_breaker.note_success(provider, paid=False)
    assert is_open(provider)
    assert provider.failures_in_a_row == 0


def test_the_breaker_stays_open_until_something_was_read(provider: Provider) -> None:
    fail(provider, NotSent("down"))
    Provider.objects.update(breaker_until=timezone.now() - timedelta(hours=1))
    assert not is_open(provider)
    assert circuit_breaker.is_probe_due(provider, timezone.now())


@pytest.mark.parametrize("error", [NotSupported("no such action"), OrderRefused(error="Incorrect order ID")])
def test_a_refusal_of_what_was_requested_says_nothing_against_the_provider(
    provider: Provider, error: Exception
) -> None:
    fail(provider, error, times=10)
    assert is_open(provider)
    assert provider.failures_in_a_row == 0


def test_a_refusal_is_an_answer_and_ends_a_row_of_failures(provider: Provider) -> None:
    fail(provider, Unknown("html"), times=2)
    fail(provider, OrderRefused(error="Incorrect order ID"))
    fail(provider, Unknown("html"), times=2)
    assert is_open(provider)


def test_a_success_that_is_no_news_writes_nothing(provider: Provider) -> None:
    circuit_breaker.note_success(provider, paid=False)
    at = Provider.objects.get().last_success_at
    circuit_breaker.note_success(provider, paid=False)
    assert Provider.objects.get().last_success_at == at


def test_a_success_costs_one_statement(provider: Provider) -> None:
    with CaptureQueriesContext(connection) as queries:
        circuit_breaker.note_success(provider, paid=True)
    assert len(queries) == 1


# --- Paid calls that keep failing while reads work --------------------------------------------------------------------


def test_reads_do_not_close_a_breaker_that_paid_calls_opened_before_its_time(provider: Provider) -> None:
    for _ in range(3):
        fail(provider, Unknown("no answer"), paid=True)
        circuit_breaker.note_success(provider, paid=False)
    assert not is_open(provider)
    Provider.objects.update(breaker_until=timezone.now() - timedelta(seconds=1))
    circuit_breaker.note_success(provider, paid=False)
    assert is_open(provider)


def test_then_one_caller_gets_a_trial_and_the_others_wait_for_it(provider: Provider) -> None:
    fail(provider, Unknown("no answer"), paid=True, times=3)
    Provider.objects.update(breaker_until=None)
    first, second = Provider.objects.get(), Provider.objects.get()
    assert circuit_breaker.admit_paid_call(first)
    assert not circuit_breaker.admit_paid_call(second)
    assert not is_open(provider)


def test_a_failed_trial_waits_longer_and_a_good_one_ends_it(provider: Provider) -> None:
    fail(provider, Unknown("no answer"), paid=True, times=3)
    before = seconds_left(provider)
    Provider.objects.update(breaker_until=None)
    assert circuit_breaker.admit_paid_call(Provider.objects.get())
    fail(provider, Unknown("no answer"), paid=True)
    assert seconds_left(provider) > before * 1.2

    circuit_breaker.note_success(provider, paid=True)
    assert is_open(provider)
    assert provider.paid_failures == 0
    assert all(circuit_breaker.admit_paid_call(Provider.objects.get()) for _ in range(5))


def test_a_provider_in_good_health_admits_everybody_without_a_statement(provider: Provider) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert circuit_breaker.admit_paid_call(provider)
    assert len(queries) == 0


# --- Rate limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "waited"), [(20.0, 20), (None, 60), (0.0, 60), (-5.0, 60), (1e9, 900)])
def test_a_rate_limit_pauses_the_account_and_nothing_else(provider: Provider, asked: float | None, waited: int) -> None:
    fail(provider, RateLimited(error="Too many requests", retry_after=asked))
    assert seconds_held(provider.pk) == pytest.approx(waited, abs=2)
    assert is_open(provider)


# --- Pauses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(AccountProblem))
def test_a_refusal_of_the_account_pauses_it_and_is_news_once(provider: Provider, kind: AccountProblem) -> None:
    fail(provider, AccountRefused(error="the panel's words", kind=kind))
    assert not is_open(provider)
    assert (provider.pause_kind, provider.pause_text) == (kind, "the panel's words")
    assert not circuit_breaker.pause(provider, kind=kind, text="again")


@pytest.mark.parametrize("kind", ["bad_key", "account_off", "maintenance"])
def test_a_good_balance_ends_a_pause(provider: Provider, kind: str) -> None:
    circuit_breaker.pause(provider, kind=kind, text="")
    circuit_breaker.note_balance(provider, Decimal(10))
    assert is_open(provider)


@pytest.mark.parametrize("kind", ["by_hand", "new_key"])
def test_a_good_balance_does_not_end_what_a_person_or_a_check_must(provider: Provider, kind: str) -> None:
    circuit_breaker.pause(provider, kind=kind, text="")
    circuit_breaker.note_balance(provider, Decimal(1000))
    assert not is_open(provider)
    assert circuit_breaker.resume(provider)
    assert is_open(provider)


def test_a_pause_for_want_of_funds_ends_when_the_balance_rises(provider: Provider) -> None:
    Provider.objects.update(balance_at=timezone.now())
    circuit_breaker.pause(provider, kind="no_funds", text="Not enough funds")
    for balance in (10, 4, 4):
        circuit_breaker.note_balance(provider, Decimal(balance))
        assert not is_open(provider)
    # What was on its way took six more: a top-up to less than was read before is a rise all the same.
    circuit_breaker.note_balance(provider, Decimal(9))
    assert is_open(provider)


def test_where_no_one_knows_what_was_left_the_first_balance_ends_the_pause(provider: Provider) -> None:
    Provider.objects.update(balance_at=timezone.now() - timedelta(minutes=10))
    circuit_breaker.pause(provider, kind="no_funds", text="Not enough funds")
    circuit_breaker.note_balance(provider, Decimal(3))
    assert is_open(provider)


def test_a_person_opens_everything(provider: Provider) -> None:
    fail(provider, Unknown("no answer"), paid=True, times=5)
    circuit_breaker.pause(provider, kind="maintenance", text="")
    assert circuit_breaker.resume(provider)
    assert is_open(provider)
    assert provider.paid_failures == 0
    assert not circuit_breaker.resume(provider)
