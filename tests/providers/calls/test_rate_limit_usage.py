"""How a request budget stands, as people see it."""

from __future__ import annotations

import time

import pytest

from providers.calls.admission import admission
from providers.calls.rate_limit import CallPriority, hold_budget, places_for, reserve_slot
from providers.calls.rate_limit_usage import BudgetState, _last_minute, budget_of, with_budget
from providers.models import Provider, RequestBudget
from tests.helpers.makers import make_provider

pytestmark = pytest.mark.django_db
RATE = 600


def read_budget(provider: Provider) -> BudgetState:
    return budget_of(with_budget(Provider.objects.filter(pk=provider.pk)).get())


def provider_with_budget() -> Provider:
    provider = make_provider(requests_per_minute=RATE)
    RequestBudget.objects.create(provider=provider)
    return provider


def test_an_account_that_was_never_called_has_used_nothing() -> None:
    state = read_budget(make_provider(requests_per_minute=RATE))

    assert (state.used, state.ahead, state.clicks, state.polls) == (0, 0, 0, 0)
    assert state.places == places_for(RATE)


def test_slots_of_the_last_minute_are_counted() -> None:
    provider = provider_with_budget()
    for _ in range(7):
        assert reserve_slot(provider.pk, requests_per_minute=RATE, priority=CallPriority.CLICK) is not None

    assert read_budget(provider).used == 7
    assert RequestBudget.objects.get().used == 7


def test_a_minute_that_is_over_counts_ever_less_and_then_not_at_all() -> None:
    provider = provider_with_budget()
    minute = int(time.time() // 60)
    RequestBudget.objects.update(minute=minute - 1, used_now=60)
    assert read_budget(provider).used <= 60
    RequestBudget.objects.update(minute=minute - 3, used_now=60)
    assert read_budget(provider).used == 0


@pytest.mark.parametrize(
    ("since", "now", "before", "used"),
    [
        (0.0, 0, 100, 100),
        (30.0, 10, 100, 60),
        (59.99, 10, 100, 10),
        (60.0, 100, 40, 100),
        (90.0, 100, 40, 50),
        (120.0, 100, 40, 0),
        (10_000.0, 100, 100, 0),
        (-5.0, 100, 100, 0),
    ],
)
def test_the_last_minute_is_interpolated_over_two(since: float, now: int, before: int, used: int) -> None:
    assert _last_minute(since, now, before) == used


def test_the_count_restarts_with_each_minute_and_keeps_the_one_before() -> None:
    provider = provider_with_budget()
    minute = int(time.time() // 60)
    RequestBudget.objects.update(minute=minute - 1, used_now=9, used_before=4)
    reserve_slot(provider.pk, requests_per_minute=RATE)
    priority = RequestBudget.objects.get()
    # The minute may have ended in between.
    assert (priority.used_now, priority.used_before) in {(1, 9), (1, 0)}


def test_calls_in_flight_are_counted_by_who_waits_for_them() -> None:
    provider = provider_with_budget()
    with (
        admission(provider, priority=CallPriority.CLICK),
        admission(provider, priority=CallPriority.POLL),
        admission(provider, priority=CallPriority.POLL),
    ):
        state = read_budget(provider)
    assert (state.clicks, state.polls) == (1, 2)
    assert read_budget(provider).clicks == 0


def test_slots_ahead_are_those_that_callers_wait_for() -> None:
    provider = provider_with_budget()
    Provider.objects.update(requests_per_minute=60)
    for _ in range(10):
        reserve_slot(provider.pk, requests_per_minute=60, priority=CallPriority.CLICK)

    state = read_budget(provider)

    assert 9 <= state.ahead <= 10
    assert 8.0 < state.next_in < 11.0


def test_a_pause_that_the_provider_requested_is_shown() -> None:
    provider = provider_with_budget()
    hold_budget(provider.pk, 90)

    state = read_budget(provider)

    assert 85 < state.held_for <= 90
    assert state.next_in >= state.held_for


def test_a_clock_that_was_set_back_shows_no_pause_of_a_year() -> None:
    provider = provider_with_budget()
    RequestBudget.objects.update(next_at=time.time() + 3e7, held_until=time.time() + 3e7)

    state = read_budget(provider)

    assert (state.held_for, state.next_in, state.ahead) == (0.0, 0.0, 0)


def test_it_costs_one_statement_however_many_accounts(django_assert_num_queries: object) -> None:
    for _ in range(5):
        provider_with_budget()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([budget_of(provider) for provider in with_budget(Provider.objects.all())]) == 5
