"""How long records of calls are kept, and how much room they may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from panelhub.models import JobRun
from panelhub.schedule import all_ticks
from providers.calls import retention
from providers.calls.retention import BEFORE, tidy_records
from providers.models import CallCount, CallRecord, Provider, ProviderCheck
from providers.tasks import tidy_records as tidy_records_task
from tests.helpers.makers import make_provider

pytestmark = pytest.mark.django_db


def add_records(provider: Provider, count: int, *, paid: bool, days_ago: float = 0, size: int = 1_000) -> list[int]:
    at = timezone.now() - timedelta(days=days_ago)
    rows = [
        CallRecord(provider=provider, action="add", outcome="ok", is_paid=paid, size=size, at=at) for _ in range(count)
    ]
    return [row.pk for row in CallRecord.objects.bulk_create(rows)]


def kept() -> set[int]:
    return set(CallRecord.objects.values_list("pk", flat=True))


def test_what_is_young_and_small_is_kept() -> None:
    provider = make_provider()
    add_records(provider, 5, paid=True, days_ago=360)
    add_records(provider, 5, paid=False, days_ago=13)

    assert not tidy_records()
    assert CallRecord.objects.count() == 10


def test_reads_go_after_two_weeks_and_paid_calls_when_the_setting_says_so(settings: Any) -> None:
    settings.PANELHUB_CALL_RECORDS_DAYS = 100
    provider = make_provider()
    add_records(provider, 3, paid=True, days_ago=101)
    add_records(provider, 4, paid=False, days_ago=15)
    young = add_records(provider, 2, paid=True, days_ago=99) + add_records(provider, 2, paid=False, days_ago=1)

    assert tidy_records() == {"paid_calls": 3, "reads": 4}
    assert kept() == set(young)


def test_the_room_is_never_exceeded_and_the_newest_are_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 7)
    settings.PANELHUB_CALL_RECORDS_MB = 1
    provider = make_provider()
    reads = add_records(provider, 60, paid=False, size=10_000)
    paid = add_records(provider, 100, paid=True, size=10_000)

    assert tidy_records() == {"reads": 35, "paid_calls": 25}
    assert kept() == {*reads[35:], *paid[25:]}
    assert (CallRecord.objects.aggregate(all=Sum("size"))["all"] or 0) <= 1_000_000
    assert not tidy_records()


def test_a_storm_of_failed_reads_pushes_no_paid_call_out(settings: Any) -> None:
    settings.PANELHUB_CALL_RECORDS_MB = 1
    provider = make_provider()
    paid = add_records(provider, 10, paid=True, size=50_000)
    add_records(provider, 300, paid=False, size=10_000)

    tidy_records()

    assert set(paid) <= kept()


def test_old_hours_become_one_row_and_the_totals_stay() -> None:
    provider, other = make_provider(), make_provider()
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for hours in range(0, 24 * 12, 12):
        for owner in (provider, other):
            CallCount.objects.create(
                provider=owner, hour=now - timedelta(hours=hours), action="status", outcome="ok", calls=10, seconds=1.5
            )
    before = CallCount.objects.aggregate(calls=Sum("calls"), seconds=Sum("seconds"))

    assert tidy_records()["hours"] > 0
    tidy_records()

    assert CallCount.objects.aggregate(calls=Sum("calls"), seconds=Sum("seconds")) == before
    assert CallCount.objects.filter(hour=BEFORE).count() == 2
    assert not CallCount.objects.filter(hour__gt=BEFORE, hour__lt=now - timedelta(days=8)).exists()


def test_hours_are_added_to_what_was_added_before() -> None:
    provider = make_provider()
    old = timezone.now() - timedelta(days=30)
    for _ in range(3):
        CallCount.objects.create(provider=provider, hour=old, action="add", outcome="ok", calls=7, seconds=1.0)
        tidy_records()

    assert CallCount.objects.values_list("hour", "calls", "seconds").get() == (BEFORE, 21, 3.0)


def test_the_last_check_of_an_account_stays() -> None:
    provider = make_provider()
    year_ago = timezone.now() - timedelta(days=365)
    checks = [ProviderCheck.objects.create(provider=provider, at=year_ago) for _ in range(3)]

    tidy_records()

    assert list(ProviderCheck.objects.values_list("pk", flat=True)) == [checks[-1].pk]


def test_it_is_in_the_schedule_and_leaves_a_run_with_its_figures() -> None:
    add_records(make_provider(), 2, paid=False, days_ago=15)

    tidy_records_task()

    assert JobRun.objects.get().counts == {"reads": 2}
    assert "providers.tasks.tidy_records" in {tick.task for tick in all_ticks()}
