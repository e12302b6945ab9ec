"""Jobs: never two of one kind for one provider, and a record of each."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from panelhub.background.jobs import give_back_lease, job, keep_lease, take_lease
from panelhub.background.processes import is_surely_gone, name_this_process
from panelhub.models import JobLease, JobRun
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.django_db


def test_a_job_that_did_something_is_recorded() -> None:
    with job("sync_services", provider="Alpha") as run:
        assert run is not None
        run.count(read=10, changed=1)
        run.count(read=5)

    kept = JobRun.objects.get()
    assert (kept.job, kept.provider_name, kept.counts, kept.failure) == (
        "sync_services",
        "Alpha",
        {"read": 15, "changed": 1},
        "",
    )
    assert kept.duration >= timedelta(0)
    assert kept.expires_at > timezone.now()


def test_a_job_that_found_nothing_is_not_recorded_unless_requested() -> None:
    with job("sync_services") as run:
        assert run is not None
        run.count(read=0)
    assert not JobRun.objects.exists()

    with job("sync_services", always_keep=True):
        pass
    assert JobRun.objects.count() == 1


def test_the_same_job_for_the_same_provider_does_not_run_twice_at_once() -> None:
    with job("sync_services", provider="Alpha") as first:
        assert first is not None
        with job("sync_services", provider="Alpha") as second:
            assert second is None
        with job("sync_services", provider="Beta") as other_provider:
            assert other_provider is not None
        with job("sync_balances", provider="Alpha") as other_job:
            assert other_job is not None

    with job("sync_services", provider="Alpha") as again:
        assert again is not None


def test_a_failure_is_recorded_and_frees_the_job() -> None:
    with pytest.raises(RuntimeError), job("sync_services", provider="Alpha"):
        raise RuntimeError("the reply to key=CANARY1234 was cut")

    kept = JobRun.objects.get()
    assert kept.failure.startswith("RuntimeError: the reply to key=")
    assert "CANARY" not in kept.failure
    with job("sync_services", provider="Alpha") as again:
        assert again is not None


def test_a_failure_that_the_job_names_itself_is_kept() -> None:
    with job("sync_services", provider="Alpha") as run:
        assert run is not None
        run.fail("HTTP 500")

    assert JobRun.objects.get().failure == "HTTP 500"


def test_a_lease_that_ran_out_can_be_taken_and_is_lost_for_the_first() -> None:
    first = take_lease("sync_services", "Alpha", lease=timedelta(seconds=-1))
    second = take_lease("sync_services", "Alpha")

    assert first
    assert second
    assert not keep_lease("sync_services", "Alpha", first)
    give_back_lease("sync_services", "Alpha", first)
    assert keep_lease("sync_services", "Alpha", second)


def test_a_kept_lease_lasts() -> None:
    token = take_lease("sync_services", "Alpha", lease=timedelta(seconds=1))
    before = JobLease.objects.get().until

    assert keep_lease("sync_services", "Alpha", token)
    assert JobLease.objects.get().until > before


def test_the_job_of_a_process_that_was_killed_here_is_free_at_once() -> None:
    script = "from panelhub.background.processes import name_this_process; print(name_this_process())"
    gone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    take_lease("sync_services", "Alpha")
    JobLease.objects.update(holder=gone)

    assert take_lease("sync_services", "Alpha")


def test_a_process_that_was_killed_is_gone_before_its_parent_asks_about_it() -> None:
    script = (
        "import time; from panelhub.background.processes import name_this_process; "
        "print(name_this_process(), flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        name = process.stdout.readline().strip()
        assert not is_surely_gone(name)

        process.kill()

        wait_until(lambda: is_surely_gone(name), what="the end of a process that is not waited for")


def test_a_process_elsewhere_is_never_taken_for_gone() -> None:
    host, *rest = name_this_process().split("|")

    assert not is_surely_gone("|".join([f"not-{host}", *rest]))
    assert not is_surely_gone(name_this_process())
    assert not is_surely_gone("")
    assert not is_surely_gone("a|b|c|d")


def test_a_number_that_was_given_to_a_new_process_does_not_keep_the_old_one_alive() -> None:
    *mine, started = name_this_process().split("|")
    if not started:
        pytest.skip("this system does not say when a process started")

    assert is_surely_gone("|".join([*mine, f"{int(started) - 1}"]))


def test_finishing_is_remembered() -> None:
    with job("sync_services", provider="Alpha"):
        pass

    lease = JobLease.objects.get()
    assert lease.finished_at is not None
    assert abs(lease.finished_at - timezone.now()) < timedelta(minutes=1)
    assert lease.until < datetime(2001, 1, 1, tzinfo=UTC)
