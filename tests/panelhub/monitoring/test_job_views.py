"""The page of jobs: what ran, its result, and the button that starts one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.roles import ROLES
from panelhub.background.job_registry import all_jobs, read_states
from panelhub.background.jobs import job
from panelhub.background.scheduler import SCHEDULE_BEAT
from panelhub.context_processors import forget_look
from panelhub.models import AuditEvent, Heartbeat, JobRun
from panelhub.tasks import tidy
from tests.helpers.makers import make_person


@pytest.fixture
def as_manager(db: None) -> Client:
    client = Client()
    client.force_login(make_person("providers.run_jobs"), backend="panelhub.security.backends.RoleBackend")
    return client


def _ran(name: str, provider: str, *, minutes_ago: int, failure: str = "", **counts: int) -> JobRun:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return JobRun.objects.create(
        job=name,
        provider_name=provider,
        started_at=at,
        finished_at=at + timedelta(seconds=2),
        counts=counts,
        failure=failure,
        expires_at=at + timedelta(days=14),
    )


def test_the_newest_run_for_each_provider_is_shown(as_manager: Client) -> None:
    _ran("sync_services", "one.example", minutes_ago=50, listed=11)
    _ran("sync_services", "one.example", minutes_ago=5, listed=4321)
    _ran("sync_services", "two.example", minutes_ago=6, failure="The panel refused the connection.")
    page = as_manager.get(reverse("jobs")).content.decode()
    assert "listed 4,321" in page
    assert "listed 11" not in page
    assert "The panel refused the connection." in page


def test_a_job_that_runs_now_is_marked(db: None) -> None:
    with job("sync_services", provider="one.example"):
        (state,) = [state for state in read_states() if state.job.slug == "sync_services"]
    assert state.running_for == ("one.example",)


def test_the_page_costs_the_same_however_many_runs_are_kept(
    as_manager: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        _ran("sync_services", f"p{number % 20}.example", minutes_ago=number)
    as_manager.get(reverse("jobs"))
    with django_assert_max_num_queries(11):
        as_manager.get(reverse("jobs"))


def test_run_now_notifies_and_is_recorded(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    notified: list[str] = []
    monkeypatch.setattr("panelhub.background.dispatch.publish", lambda task, *args, **how: notified.append(task))
    for entry in all_jobs():
        answer = as_manager.post(reverse("run_job", args=[entry.slug]))
        assert answer.status_code == 302
    assert AuditEvent.objects.filter(action="job.started").count() == len(list(all_jobs()))


def test_an_unknown_job_is_not_found_and_a_get_starts_nothing(as_manager: Client) -> None:
    assert as_manager.post(reverse("run_job", args=["nonsense"])).status_code == 404
    assert as_manager.get(reverse("run_job", args=["sync_services"])).status_code == 405


def test_no_one_without_the_permission_sees_it(client: Client, db: None) -> None:
    client.force_login(make_person("orders.view_order"), backend="panelhub.security.backends.RoleBackend")
    assert client.get(reverse("jobs")).status_code == 403
    assert client.post(reverse("run_job", args=["sync_services"])).status_code == 403


def test_everything_that_leaves_runs_is_listed_and_every_listed_job_is_in_the_schedule(db: None) -> None:
    slugs = {entry.slug for entry in all_jobs()}
    assert {"tidy", "tidy_records", "refresh_totals", "refresh_quality", "fetch_goods", "place_mass_orders"} <= slugs
    assert all(entry.every.total_seconds() > 0 for entry in all_jobs())


def test_the_page_asks_again_by_itself_and_shows_who_is_alive(as_manager: Client) -> None:
    page = as_manager.get(reverse("jobs")).content.decode()
    assert 'data-live="jobs"' in page
    for part in ("order worker", "background worker", "scheduler"):
        assert f"{part}: not running" in page

    for sign in ("clicks", "background", SCHEDULE_BEAT):
        Heartbeat.beat(sign)
    part = as_manager.get(reverse("jobs"), headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "not running" not in part


def test_tidying_leaves_a_run_with_its_figures(db: None) -> None:
    _ran("sync_services", "one.example", minutes_ago=60 * 24 * 15)

    tidy()

    assert JobRun.objects.get().counts["runs"] == 1


@pytest.mark.parametrize("page", ["jobs", "providers:list", "providers:services", "orders:dashboard", "admin:index"])
def test_a_banner_on_every_page_says_that_nothing_works(db: None, page: str) -> None:
    client = Client()
    client.force_login(make_person(*ROLES["manager"], is_staff=True), backend="panelhub.security.backends.RoleBackend")

    assert "No worker is running" in client.get(reverse(page)).content.decode()

    forget_look()
    Heartbeat.beat("clicks")
    Heartbeat.beat("background")
    assert (
        "The scheduler isn’t running. Statuses, balances and catalogues aren’t updated"
        in client.get(reverse(page)).content.decode()
    )

    forget_look()
    Heartbeat.beat(SCHEDULE_BEAT)
    said = client.get(reverse(page)).content.decode()
    assert "not running" not in said
    assert "No worker" not in said
