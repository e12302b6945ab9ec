"""What a passer-by finds, what the broker may bring, and what comes with the hub."""

from __future__ import annotations

import re
import tracemalloc
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from panelhub.ui.exports import stream_csv

ROOT = Path(__file__).resolve().parents[2]
BESIDE = (
    *("/.git/config", "/.git/HEAD", "/.env", "/var/", "/var/db.sqlite3", "/var/panelhub_key", "/var/secret_key"),
    *("/static/", "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f..%2fmanage.py", "/manage.py"),
    *("/static//etc/passwd", "/panelhub/settings/__init__.py", "/requirements.txt", "/admin/../.env", "/server-status"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("address", BESIDE)
def test_what_lies_beside_the_hub_is_not_served(address: str) -> None:
    answer = Client(raise_request_exception=False).get(address)

    assert answer.status_code in (302, 400, 404)
    if answer.status_code == 302:
        assert answer["Location"].startswith(("/login/", "/admin/login/"))


@pytest.mark.django_db
def test_the_sign_of_life_reveals_nothing_of_the_inside() -> None:
    reported = Client().get("/healthz").json()

    assert set(reported) == {"status", "failing", "parts"}
    assert set(reported["parts"]) == {"web", "database", "disk", "broker", "clicks", "background", "schedule"}
    assert all(value in (True, False, None) for value in reported["parts"].values())


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = re.sub(r"\\\n\s*", " ", (ROOT / name).read_text())
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        pinned = [line for line in lines if not line.startswith("-")]
        assert len(pinned) > 10
        for line in pinned:
            assert re.match(r"[\w.\[\]-]+==\S+", line), line
            assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("serializer", ["pickle", "yaml"])
def test_a_message_that_would_run_code_is_thrown_away(serializer: str) -> None:
    assert current_app.conf.accept_content == ["json"]
    assert current_app.conf.task_serializer == "json"
    content = {"pickle": "application/x-python-serialize", "yaml": "application/x-yaml"}[serializer]
    with pytest.raises(ContentDisallowed):
        loads(b"cos\nsystem\n(S'true'\ntR.", content, "binary", accept=current_app.conf.accept_content)
    assert dumps({}, serializer="json")[0] == "application/json"


@pytest.mark.parametrize("rows", [2_000, 100_000])
def test_a_long_export_takes_no_more_room_than_a_short_one(rows: int) -> None:
    answer: Any = stream_csv("orders", ["link"], repeat(["=1+1 https://example.com/" + "a" * 100], rows))
    tracemalloc.start()
    size = sum(len(part) for part in answer.streaming_content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > rows * 100
    assert peak < 2_000_000
