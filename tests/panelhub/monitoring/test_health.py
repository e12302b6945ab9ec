"""/healthz and the banner: what is alive, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, User
from django.db import OperationalError
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from panelhub import context_processors
from panelhub.models import Heartbeat
from panelhub.monitoring import health
from tests.helpers.brokers import broker_at, unused_port

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FRESH = NOW - timedelta(seconds=40)
STALE = NOW - timedelta(seconds=46)
AHEAD = NOW + timedelta(minutes=1)
PARTS = ("clicks", "background", "schedule")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("at", "alive"), [(FRESH, True), (NOW, True), (STALE, False), (AHEAD, False), (None, False)])
def test_each_part_is_judged_by_its_own_sign(part: str, at: datetime | None, alive: bool) -> None:
    signs = dict.fromkeys(PARTS, FRESH) | {"worker:a": FRESH}
    signs = {name: sign for name, sign in (signs | {part: at}).items() if sign is not None}

    assert health.judge_signs(signs, now=NOW) == dict.fromkeys(PARTS, True) | {part: alive}


def test_a_worker_that_lives_and_does_not_work_its_queue_is_dead() -> None:
    signs = {"worker:a": FRESH, "clicks": STALE, "background": FRESH, "schedule": FRESH}

    assert health.judge_signs(signs, now=NOW) == {"clicks": False, "background": True, "schedule": True}


def show_signs(*names: str, age: timedelta = timedelta(0)) -> None:
    for name in names:
        Heartbeat.beat(name)
        Heartbeat.objects.filter(name=name).update(at=F("at") - age)


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    show_signs(*PARTS)

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "failing": [],
        "parts": dict.fromkeys(("web", "database", "disk", "broker", *PARTS), True),
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("dead", PARTS)
def test_it_names_what_is_missing(client: Client, dead: str) -> None:
    show_signs(*PARTS)
    show_signs(dead, age=timedelta(seconds=46))

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["failing"] == [dead]


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_of_this_process_that_is_wrong_changes_nothing(client: Client, hours: int) -> None:
    show_signs(*PARTS)

    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_named_and_what_cannot_be_known_is_not(client: Client, settings: Any) -> None:
    show_signs("schedule")
    show_signs("clicks", age=timedelta(minutes=2))
    with unused_port() as port, broker_at(f"redis://127.0.0.1:{port}/0", settings):
        response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["failing"] == ["broker"]
    assert response.json()["parts"]["clicks"] is None


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    show_signs(*PARTS)

    def fail(name: str) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Heartbeat, "beat", fail)

    assert client.get("/healthz").json()["failing"] == ["database"]


@pytest.mark.django_db
@pytest.mark.parametrize("free", [0, 199 * 1024 * 1024])
def test_a_disk_that_is_nearly_full_is_named(client: Client, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    show_signs(*PARTS)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))

    assert client.get("/healthz").json()["failing"] == ["disk"]


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_is_named(client: Client, settings: Any, tmp_path: Path) -> None:
    show_signs(*PARTS)
    settings.PANELHUB_VAR = tmp_path / "gone"

    assert client.get("/healthz").json()["failing"] == ["disk"]


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
    assert body["parts"]["clicks"] is None
    assert b"CANARY" not in response.content
    assert b"10.0.0.1" not in response.content


@pytest.mark.django_db
def test_it_only_reads(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_pages_say_when_no_worker_or_no_schedule_is_alive() -> None:
    assert "No worker" in context_processors.find_warnings()[0]

    for part, following in (("clicks", "background worker"), ("background", "schedule")):
        show_signs(part)
        context_processors.forget_look()
        assert following in context_processors.find_warnings()[0]

    show_signs("schedule")
    context_processors.forget_look()
    assert context_processors.find_warnings() == []


@pytest.mark.django_db
def test_pages_say_when_the_worker_keeps_ending(settings: Any, tmp_path: Path) -> None:
    settings.PANELHUB_VAR = tmp_path
    show_signs(*PARTS)
    ended = {"worker": {"count": 5, "again_at": timezone.now().timestamp() + 16}}
    (tmp_path / "run.ended.json").write_text(json.dumps(ended))

    assert "5 times" in context_processors.find_warnings()[0]
    for text in ("", "{", "[]", "{}", '{"worker": {}}', '{"worker": {"count": 1, "again_at": 0}}'):
        (tmp_path / "run.ended.json").write_text(text)
        assert context_processors.find_warnings() == []


# --- Probes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def probed(settings: Any) -> None:
    settings.PANELHUB_PROBE_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    settings.PANELHUB_METRICS_TOKEN = ""
    show_signs(*PARTS)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
def test_a_probe_is_answered_by_address(client: Client, probed: None, path: str, address: str) -> None:
    answer = client.get(path, REMOTE_ADDR=address, headers={"Host": "10.9.9.9:8000"})

    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.2.0.1", {}),
        ("", {}),
        ("unix", {}),
        # Through a proxy that is not configured, the address is the proxy's.
        ("10.1.2.3", {"X-Forwarded-For": "203.0.113.9"}),
        ("10.2.0.1", {"X-Forwarded-For": "10.1.2.3"}),
    ],
)
def test_no_one_else_is(client: Client, probed: None, address: str, headers: dict[str, str]) -> None:
    for path in ("/healthz", "/metrics"):
        answer = client.get(path, REMOTE_ADDR=address, headers={"Host": "10.9.9.9", **headers})
        assert answer.status_code in {301, 400}
    answer = client.get("/metrics", secure=True, REMOTE_ADDR=address, headers={"Host": "hub.example.com", **headers})
    assert answer.status_code == 404


@pytest.mark.django_db
def test_behind_proxies_of_ours_the_client_counts(client: Client, probed: None, settings: Any) -> None:
    settings.PANELHUB_PROXIES = 1
    for client_address, status in (("10.1.2.3", 200), ("203.0.113.9", 400)):
        headers = {"Host": "10.9.9.9", "X-Forwarded-For": client_address}
        assert client.get("/metrics", secure=True, REMOTE_ADDR="10.1.0.1", headers=headers).status_code == status


@pytest.mark.django_db
def test_a_probe_gets_no_other_page(client: Client, probed: None) -> None:
    assert client.get("/login/", REMOTE_ADDR="10.1.2.3", headers={"Host": "10.9.9.9"}, secure=True).status_code == 400


@pytest.mark.django_db
def test_the_look_is_kept_for_some_seconds(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        context_processors.find_warnings()
        context_processors.find_warnings()


def test_strangers_learn_nothing(rf: RequestFactory) -> None:
    request = rf.get("/login/")
    assert context_processors.hub(request)["hub_warnings"] == []

    request.user = AnonymousUser()
    assert context_processors.hub(request)["hub_warnings"] == []


@pytest.mark.django_db
def test_staff_are_notified(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User(username="ann")

    assert len(context_processors.hub(request)["hub_warnings"]) == 1
