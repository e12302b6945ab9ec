"""/healthz and the banner: what is alive, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from panelhub import context_processors
from panelhub.models import Heartbeat
from panelhub.monitoring import health
from tests.helpers.brokers import broker_at, unused_port

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FRESH = NOW - timedelta(seconds=20)
STALE = NOW - timedelta(seconds=61)


@pytest.mark.parametrize(
    ("signs", "worker", "schedule"),
    [
        ({}, False, False),
        ({"worker:a": FRESH, "schedule": FRESH, "tasks": FRESH}, True, True),
        ({"worker:a": FRESH, "schedule": FRESH}, True, True),
        ({"worker:a": STALE, "worker:b": FRESH, "schedule": FRESH}, True, True),
        ({"worker:a": STALE, "schedule": FRESH}, False, True),
        ({"worker:a": FRESH, "schedule": STALE, "tasks": STALE}, True, False),
        # Its process lives, and for minutes nothing of what the schedule sends is run.
        ({"worker:a": FRESH, "schedule": FRESH, "tasks": NOW - timedelta(minutes=4)}, False, True),
    ],
)
def test_signs_of_life_are_judged(signs: dict[str, datetime], worker: bool, schedule: bool) -> None:
    assert health.judge_signs(signs, now=NOW) == {"worker": worker, "schedule": schedule}


def show_signs(*names: str, age: timedelta = timedelta(0)) -> None:
    for name in names:
        Heartbeat.beat(name)
        Heartbeat.objects.filter(name=name).update(at=timezone.now() - age)


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    show_signs("worker:a@b", "schedule", "tasks")

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "failing": [],
        "parts": {"web": True, "database": True, "broker": True, "worker": True, "schedule": True},
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_names_what_is_missing(client: Client) -> None:
    show_signs("worker:a@b", age=timedelta(minutes=2))
    show_signs("schedule")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["failing"] == ["worker"]


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_named(client: Client, settings: Any) -> None:
    show_signs("worker:a@b", "schedule", "tasks")
    with unused_port() as port, broker_at(f"redis://127.0.0.1:{port}/0", settings):
        response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["failing"] == ["broker"]


def test_a_database_that_is_gone_is_named_and_nothing_is_guessed(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("password=CANARY1234 host 10.0.0.1")

    monkeypatch.setattr(health, "read_signs", fail)

    response = health.healthz(rf.get("/healthz"))

    body = json.loads(response.content)
    assert response.status_code == 503
    assert body["failing"] == ["database"]
    assert body["parts"]["worker"] is None
    assert b"CANARY" not in response.content
    assert b"10.0.0.1" not in response.content


@pytest.mark.django_db
def test_it_only_reads(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_pages_say_when_no_worker_or_no_schedule_is_alive() -> None:
    assert "No worker" in context_processors.find_warnings()[0]

    show_signs("worker:a@b")
    context_processors.forget_look()
    assert "schedule" in context_processors.find_warnings()[0]

    show_signs("schedule")
    context_processors.forget_look()
    assert context_processors.find_warnings() == []


@pytest.mark.django_db
def test_the_look_is_kept_for_some_seconds(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        context_processors.find_warnings()
        context_processors.find_warnings()


def test_strangers_are_told_nothing(rf: RequestFactory) -> None:
    request = rf.get("/login/")
    assert context_processors.hub(request)["hub_warnings"] == []

    request.user = AnonymousUser()
    assert context_processors.hub(request)["hub_warnings"] == []


@pytest.mark.django_db
def test_staff_are_told(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User(username="ann")

    assert len(context_processors.hub(request)["hub_warnings"]) == 1
