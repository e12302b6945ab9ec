"""The request budget: slots far enough apart, clicks before polls, places in flight, clocks that jump."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from panelhub.background.pool import hand_over
from providers.calls import rate_limit
from providers.calls.admission import admission
from providers.calls.rate_limit import (
    BudgetExhausted,
    CallPriority,
    gap_of,
    hold_budget,
    reserve_slot,
    seconds_held,
)
from providers.models import CallSlot, Provider, RequestBudget
from tests.helpers.at_sandbox import join
from tests.helpers.workers import ROOT, name_test_database

if TYPE_CHECKING:
    from providers.sandbox import Sandbox

pytestmark = pytest.mark.django_db
RATE = 30  # a gap of two seconds: no machine is so slow that a test would miss it
GAP = gap_of(RATE)


@pytest.fixture
def provider() -> Provider:
    provider = Provider.objects.create(name="one", api_url="https://panel.invalid/", requests_per_minute=RATE)
    rate_limit.ensure_rows(provider)
    return provider


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No one sleeps; what they would have slept is kept."""
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    return naps


def read_clock() -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {rate_limit._CLOCK[connection.vendor]}")
        return float(cursor.fetchone()[0])


def reserve(provider: Provider, priority: CallPriority = CallPriority.CLICK, patience: float = 60.0) -> float | None:
    return reserve_slot(provider.pk, requests_per_minute=RATE, priority=priority, patience=patience)


# --- Slots ------------------------------------------------------------------------------------------------------------


def test_slots_are_a_gap_apart_and_leave_three_percent_of_the_rate_unused(provider: Provider) -> None:
    started = read_clock()
    waits = [reserve(provider) for _ in range(5)]

    assert waits[0] == 0.0
    assert waits[4] == pytest.approx(4 * GAP, abs=1.5)
    assert RequestBudget.objects.get().next_at >= started + 5 * GAP - 0.01
    assert pytest.approx(60 / (0.97 * RATE)) == GAP


def test_the_rate_of_a_slow_account_is_kept_too() -> None:
    for rate in (1, 2, 7, 60, 300):
        assert int(60 / gap_of(rate)) + 1 <= rate or gap_of(rate) > 60


def test_idle_time_is_not_saved_up(provider: Provider) -> None:
    RequestBudget.objects.update(next_at=read_clock() - 3600)
    assert reserve(provider) == 0.0
    assert reserve(provider) == pytest.approx(GAP, abs=1.5)


def test_a_poll_reserves_one_slot_ahead_and_no_more(provider: Provider) -> None:
    assert reserve(provider, CallPriority.POLL) == 0.0
    assert reserve(provider, CallPriority.POLL) is not None
    assert [reserve(provider, CallPriority.POLL) for _ in range(20)].count(None) >= 19


def test_a_click_gets_a_slot_within_two_while_polls_wait(provider: Provider) -> None:
    for _ in range(20):
        reserve(provider, CallPriority.POLL)
    wait = reserve(provider, CallPriority.CLICK)
    assert wait is not None
    assert wait <= 2 * GAP


def test_a_click_that_is_not_patient_enough_takes_no_slot(provider: Provider) -> None:
    RequestBudget.objects.update(next_at=read_clock() + 30)
    before = RequestBudget.objects.get().next_at
    assert reserve(provider, patience=5.0) is None
    assert RequestBudget.objects.get().next_at == before
    assert reserve(provider, patience=40.0) == pytest.approx(30, abs=1)


def test_a_clock_that_was_set_back_an_hour_stops_no_one(provider: Provider) -> None:
    RequestBudget.objects.update(next_at=read_clock() + 3600, held_until=read_clock() + 3600)
    assert seconds_held(provider.pk) == 0.0
    assert reserve(provider) == 0.0


def test_a_rate_limit_row_is_made_when_it_is_missing(provider: Provider) -> None:
    RequestBudget.objects.all().delete()
    with admission(provider, priority=CallPriority.POLL):
        pass
    assert RequestBudget.objects.get().used == 1


# --- Holding ----------------------------------------------------------------------------------------------------------


def test_a_held_rate_limit_sends_nothing(provider: Provider) -> None:
    hold_budget(provider.pk, 20)
    assert seconds_held(provider.pk) == pytest.approx(20, abs=1)
    assert reserve(provider, CallPriority.POLL) is None
    assert reserve(provider, patience=10) is None
    assert reserve(provider, patience=60) == pytest.approx(20, abs=1)


def test_a_shorter_hold_does_not_shorten_a_longer_one(provider: Provider) -> None:
    hold_budget(provider.pk, 100)
    hold_budget(provider.pk, 5)
    assert seconds_held(provider.pk) == pytest.approx(100, abs=1)


def test_no_hold_is_longer_than_a_quarter_of_an_hour(provider: Provider) -> None:
    hold_budget(provider.pk, 1e9)
    assert seconds_held(provider.pk) == pytest.approx(900, abs=1)


def test_who_waits_too_long_gets_a_notice(provider: Provider, slept: list[float]) -> None:
    hold_budget(provider.pk, 300)
    for priority in CallPriority:
        with pytest.raises(BudgetExhausted), admission(provider, priority=priority, patience=2.0):
            pass
    assert not CallSlot.objects.exclude(holder="").exists()


def test_a_call_that_waited_for_its_slot_obeys_a_pause_that_came_meanwhile(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    RequestBudget.objects.update(next_at=read_clock() + 5)
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        hold_budget(provider.pk, 30)

    monkeypatch.setattr(time, "sleep", nap)
    with pytest.raises(BudgetExhausted) as refused, admission(provider, priority=CallPriority.CLICK, patience=60):
        pass
    assert naps == [pytest.approx(5, abs=1)]
    assert refused.value.held
    assert refused.value.seconds == pytest.approx(30, abs=1)


def test_no_one_waits_while_a_provider_is_held(provider: Provider, slept: list[float]) -> None:
    hold_budget(provider.pk, 20)
    for priority in CallPriority:
        with pytest.raises(BudgetExhausted) as refused, admission(provider, priority=priority, patience=60):
            pass
        assert refused.value.held
        assert refused.value.seconds == pytest.approx(20, abs=1)
    assert slept == []


@pytest.mark.parametrize("priority", list(CallPriority))
def test_a_shared_thread_waits_a_second_at_most(provider: Provider, slept: list[float], priority: CallPriority) -> None:
    RequestBudget.objects.update(next_at=read_clock() + 8)
    found: list[BudgetExhausted] = []

    def call() -> None:
        try:
            with admission(provider, priority=priority):
                pass
        except BudgetExhausted as refused:
            found.append(refused)

    hand_over("test", provider.pk, call)

    assert sum(slept) <= 1.0
    assert found[0].seconds == pytest.approx(8, abs=1)
    assert not found[0].held


def test_polls_leave_the_slot_that_a_click_comes_back_for(provider: Provider) -> None:
    RequestBudget.objects.update(next_at=read_clock() + 8)
    with pytest.raises(BudgetExhausted), admission(provider, priority=CallPriority.CLICK, patience=1.0):
        pass
    # Eight seconds later.
    RequestBudget.objects.update(next_at=read_clock() - 0.1, click_at=read_clock() - 0.1)

    assert reserve(provider, CallPriority.POLL) is None
    assert reserve(provider, CallPriority.CLICK) == 0.0
    RequestBudget.objects.update(next_at=0.0)
    assert reserve(provider, CallPriority.POLL) == 0.0


def test_a_slot_is_not_kept_for_ever_for_a_click_that_does_not_come(provider: Provider) -> None:
    for click_at in (read_clock() - 2.1, read_clock() + 3600):
        RequestBudget.objects.update(next_at=0.0, click_at=click_at)
        assert reserve(provider, CallPriority.POLL) == 0.0


# --- Places -----------------------------------------------------------------------------------------------------------


def test_polls_leave_a_place_for_a_click(provider: Provider, slept: list[float]) -> None:
    with ExitStack() as stack:
        for _ in range(rate_limit.places_for(RATE)):
            stack.enter_context(admission(provider, priority=CallPriority.POLL))
            RequestBudget.objects.update(next_at=0.0)
        with pytest.raises(BudgetExhausted), admission(provider, priority=CallPriority.POLL, patience=0.0):
            pass
        with admission(provider, priority=CallPriority.CLICK, patience=0.5):
            pass
    assert not CallSlot.objects.exclude(holder="").exists()


@pytest.mark.parametrize(("rate", "places"), [(1, 3), (60, 3), (300, 6), (6000, 8)])
def test_faster_accounts_have_more_calls_in_flight(rate: int, places: int) -> None:
    assert rate_limit.places_for(rate) == places


def test_the_place_of_a_process_that_died_is_free_at_once(provider: Provider, slept: list[float]) -> None:
    script = (
        "import sys; sys.path.insert(0, '.'); "
        "from panelhub.background.processes import name_this_process as n; print(n())"
    )
    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    CallSlot.objects.update(holder=f"{dead.stdout.strip()}#1", until=read_clock() + 100)
    with admission(provider, priority=CallPriority.POLL, patience=1.0):
        pass


def test_the_place_of_an_unknown_holder_is_free_when_its_lease_ends(provider: Provider, slept: list[float]) -> None:
    CallSlot.objects.update(holder="elsewhere", until=read_clock() + 100)
    with pytest.raises(BudgetExhausted), admission(provider, priority=CallPriority.CLICK, patience=0.0):
        pass
    CallSlot.objects.update(until=read_clock() - 1)
    with admission(provider, priority=CallPriority.CLICK, patience=0.0):
        pass


def test_a_place_is_given_back_when_the_call_fails(provider: Provider) -> None:
    with pytest.raises(ZeroDivisionError), admission(provider, priority=CallPriority.CLICK):
        raise ZeroDivisionError
    assert not CallSlot.objects.exclude(holder="").exists()


# --- Several processes ------------------------------------------------------------------------------------------------

_SENDER = """
import json, sys, time
import django
django.setup()
from providers.calls.admission import admission
from providers.calls.rate_limit import CallPriority
from providers.models import Provider
provider = Provider.objects.get()
sent = []
for _ in range(int(sys.argv[1])):
    with admission(provider, priority=CallPriority.POLL):
        sent.append(time.time())
print(json.dumps(sent))
"""


@pytest.mark.django_db(transaction=True)
def test_four_processes_together_never_go_faster_than_the_slots(provider: Provider) -> None:
    each, rate = 12, 600
    Provider.objects.update(requests_per_minute=rate)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": name_test_database(),
    }
    started = min(read_clock(), time.time())
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", _SENDER, str(each)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    sent = sorted(moment for sender in senders for moment in json.loads(sender.communicate(timeout=60)[0]))

    priority = RequestBudget.objects.get()
    assert len(sent) == priority.used == 4 * each
    # Jitter only ever delays a call: none may be earlier than the slot that so many calls before it leave.
    assert all(moment >= started + number * gap_of(rate) - 0.01 for number, moment in enumerate(sent))
    assert priority.next_at >= started + len(sent) * gap_of(rate) - 0.01
    assert not CallSlot.objects.exclude(holder="").exists()


_CALLER = """
import sys, threading
import django
django.setup()
from django.conf import settings
from django.db import connection
from providers.calls.rate_limit import CallPriority
from providers.calls.services import calling
from providers.dialects import Action
from providers.models import Provider
provider = Provider.objects.get()
def call():
    for _ in range(int(sys.argv[1])):
        with calling(provider, Action.balance, priority=CallPriority.POLL) as client:
            client.balance()
    connection.close()
threads = [threading.Thread(target=call) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_no_sliding_minute_at_the_panel_holds_more_calls_than_are_allowed(box: Sandbox) -> None:
    """Four processes with work for more than a minute, by the times at which the panel received each call.

    The one test that takes a minute: what is promised is about a minute. The panel itself refuses what is too much.
    """
    rate, each = 300, 39
    panel = box.panel("smmplus")
    panel.requests_per_minute = rate
    provider = join(box, "smmplus", requests_per_minute=rate)
    rate_limit.ensure_rows(provider)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": name_test_database()}
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", _CALLER, str(each)], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for caller in callers:
        said = caller.communicate(timeout=240)[1]
        assert caller.returncode == 0, said

    arrivals = sorted(call.at for call in panel.requests)
    assert len(arrivals) == 4 * 2 * each
    assert not [call for call in panel.requests if call.error]
    assert arrivals[-1] - arrivals[0] > 60
    assert max(sum(first <= at < first + 60 for at in arrivals) for first in arrivals) <= rate
