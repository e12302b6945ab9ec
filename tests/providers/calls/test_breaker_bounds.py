"""The edges of the breaker and the pause: how long each wait is, whose row it is, and what is left when it ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from providers.calls import circuit_breaker
from providers.client.errors import AccountProblem, AccountRefused, NotSent, Unknown
from providers.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_breaker.random, "uniform", lambda low, high: (low + high) / 2)


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="one", api_url="https://panel.invalid/", balance=Decimal(10))


@pytest.fixture
def other() -> Provider:
    return Provider.objects.create(name="two", api_url="https://other.invalid/", balance=Decimal(10))


def waits(provider: Provider, error: Exception, *, paid: bool = False, times: int) -> list[int]:
    """Fail so often; the seconds that the breaker is open after each failure."""
    found = []
    for _time in range(times):
        circuit_breaker.note_failure(provider, error, paid=paid)
        provider.refresh_from_db()
        until = provider.breaker_until
        found.append(round((until - timezone.now()).total_seconds()) if until else 0)
    return found


def test_each_wait_doubles_from_its_first_up_to_a_quarter_of_an_hour(provider: Provider, other: Provider) -> None:
    assert waits(provider, NotSent("down"), times=12) == [2, 4, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert waits(other, Unknown("html"), times=5) == [0, 0, 15, 30, 60]


def test_a_wait_lies_within_a_fifth_of_its_length(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []

    def longest(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    monkeypatch.setattr(circuit_breaker.random, "uniform", longest)

    assert waits(provider, Unknown("html"), times=3)[-1] == 18
    assert asked == [(0.8, 1.2)]


def test_only_the_provider_that_failed_is_left_alone(provider: Provider, other: Provider) -> None:
    waits(provider, NotSent("down"), times=4)
    circuit_breaker.note_failure(provider, AccountRefused(error="bad", kind=AccountProblem.bad_key), paid=True)

    other.refresh_from_db()
    assert (other.breaker_until, other.failures_in_a_row, other.pause_kind) == (None, 0, "")
    circuit_breaker.note_failure(other, Unknown("html"), paid=True)
    circuit_breaker.note_success(other, paid=True)
    provider.refresh_from_db()
    assert provider.failures_in_a_row == 4
    assert provider.breaker_until is not None


def test_what_never_left_is_no_failed_purchase(provider: Provider) -> None:
    waits(provider, NotSent("down"), paid=True, times=4)
    assert provider.paid_failures == 0
    waits(provider, Unknown("html"), paid=True, times=1)
    assert provider.paid_failures == 1
    waits(provider, Unknown("html"), paid=False, times=1)
    assert provider.paid_failures == 1


@pytest.mark.parametrize(
    ("change", "is_open"),
    [({}, True), ({"is_active": False}, False), ({"pause_kind": "by_hand"}, False), ({"breaker_until": True}, False)],
    ids=str,
)
def test_no_paid_call_goes_to_an_account_that_is_off_paused_or_broken(
    provider: Provider, change: dict[str, object], is_open: bool
) -> None:
    now = timezone.now()
    Provider.objects.update(**{name: now if value is True else value for name, value in change.items()})
    provider.refresh_from_db()

    assert circuit_breaker.is_open_for_paid_calls(provider, now) is is_open
    assert circuit_breaker.admit_paid_call(provider) is is_open


@pytest.mark.parametrize(
    ("seconds", "due"), [(None, False), (-1, True), (0, True), (1, False), (1170, False), (1171, True)], ids=str
)
def test_a_probe_is_due_at_the_end_of_a_break_and_after_a_clock_that_was_wrong(
    provider: Provider, seconds: float | None, due: bool
) -> None:
    now = timezone.now()
    until = None if seconds is None else now + timedelta(seconds=seconds)
    Provider.objects.update(breaker_until=until)
    provider.refresh_from_db()

    assert circuit_breaker.is_probe_due(provider, now) is due
    assert Provider.objects.filter(circuit_breaker.break_is_over(now)).exists() is due


def test_a_trial_holds_the_breaker_for_as_long_as_a_call_may_take(provider: Provider) -> None:
    Provider.objects.update(paid_failures=circuit_breaker.FAILURES_TO_OPEN)
    provider.refresh_from_db()

    assert circuit_breaker.admit_paid_call(provider)

    late = Provider.objects.get()
    assert late.breaker_until is not None
    assert round((late.breaker_until - timezone.now()).total_seconds()) == 75
    # Whoever read the row before another trial failed has lost the race, whether or not it is closed by now.
    Provider.objects.update(breaker_until=None, paid_failures=4)
    assert not circuit_breaker.admit_paid_call(provider)
    assert circuit_breaker.admit_paid_call(Provider.objects.get())


def test_a_single_failure_of_a_paid_call_is_forgotten_by_the_next_that_works(provider: Provider) -> None:
    circuit_breaker.note_success(provider, paid=True)
    Provider.objects.update(paid_failures=1)

    circuit_breaker.note_success(provider, paid=False)
    assert Provider.objects.get().paid_failures == 1
    circuit_breaker.note_success(provider, paid=True)
    assert Provider.objects.get().paid_failures == 0


def test_a_success_is_remembered_with_its_time_and_closes_the_breaker(provider: Provider) -> None:
    waits(provider, Unknown("html"), times=3)

    circuit_breaker.note_success(provider, paid=False)

    provider.refresh_from_db()
    assert provider.breaker_until is None
    assert provider.last_success_at is not None
    assert timezone.now() - provider.last_success_at < timedelta(minutes=1)
    long_ago = timezone.now() - timedelta(minutes=2)
    Provider.objects.update(last_success_at=long_ago)
    circuit_breaker.note_success(provider, paid=False)
    assert Provider.objects.get().last_success_at != long_ago


def test_a_refusal_of_a_paused_account_is_news_no_more_but_its_last_words_are_kept(provider: Provider) -> None:
    circuit_breaker.pause(provider, kind="bad_key", text="Invalid key")
    Provider.objects.update(last_failure="", last_failure_at=None)

    circuit_breaker.note_failure(provider, AccountRefused(error="Still", kind=AccountProblem.no_funds), paid=False)

    provider.refresh_from_db()
    assert (provider.pause_kind, provider.pause_text, provider.last_failure) == ("bad_key", "Invalid key", "Still")
    assert provider.last_failure_at is not None


def test_the_first_refusal_of_an_account_is_its_last_failure_and_a_persons_pause_is_none(
    provider: Provider, other: Provider
) -> None:
    circuit_breaker.note_failure(provider, AccountRefused(error="Bad", kind=AccountProblem.bad_key), paid=True)
    circuit_breaker.pause(other, kind=Provider.Pause.BY_HAND, text="closed for tonight")

    provider.refresh_from_db()
    other.refresh_from_db()
    assert (provider.last_failure, provider.last_failure_at is None) == ("Bad", False)
    assert (other.last_failure, other.last_failure_at) == ("", None)
    assert other.paused_at is not None


@pytest.mark.parametrize(("age", "kept"), [(60, Decimal(10)), (120, None)])
def test_what_was_left_is_known_from_a_fresh_reading_alone(provider: Provider, age: int, kept: Decimal | None) -> None:
    Provider.objects.update(balance_at=timezone.now() - timedelta(seconds=age))

    circuit_breaker.pause(provider, kind="no_funds", text="")

    assert Provider.objects.get().pause_balance == kept


def test_the_end_of_a_pause_leaves_nothing_of_it(provider: Provider) -> None:
    Provider.objects.update(balance_at=timezone.now())
    ends = [
        lambda: circuit_breaker.note_balance(provider, Decimal(99)),
        lambda: circuit_breaker.end_pause(provider),
        lambda: circuit_breaker.resume(provider),
    ]
    for end in ends:
        circuit_breaker.pause(provider, kind="no_funds", text="Not enough funds")
        assert Provider.objects.get().pause_balance == Decimal(10)
        end()
        row = Provider.objects.get()
        assert (row.pause_kind, row.pause_text, row.paused_at, row.pause_balance) == ("", "", None, None)


def test_a_balance_above_another_pause_says_nothing_about_funds(provider: Provider) -> None:
    circuit_breaker.pause(provider, kind="maintenance", text="")
    Provider.objects.update(pause_balance=Decimal(50))

    circuit_breaker.note_balance(provider, Decimal(1))

    assert Provider.objects.get().pause_kind == ""


@pytest.mark.parametrize(("kind", "ends"), [("maintenance", True), ("by_hand", False), ("same_refusal", False)])
def test_what_a_person_has_to_end_is_ended_by_a_person(provider: Provider, kind: str, ends: bool) -> None:
    circuit_breaker.pause(provider, kind=kind, text="")

    assert circuit_breaker.end_pause(provider) is ends
    assert circuit_breaker.end_pause(provider) is False
    assert circuit_breaker.resume(provider) is not ends


def test_a_person_closes_a_breaker_once(provider: Provider, other: Provider) -> None:
    waits(provider, NotSent("down"), times=1)
    waits(other, NotSent("down"), times=1)

    assert circuit_breaker.close_for_trial(provider) is True
    assert circuit_breaker.close_for_trial(provider) is False
    other.refresh_from_db()
    assert other.breaker_until is not None
