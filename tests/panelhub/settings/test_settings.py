"""Settings: durable by default, and no start in production with something left open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet

from panelhub.background.transports import REDIS_VISIBILITY_SECONDS, transport_scheme
from panelhub.settings.celery import TASK_HARD_SECONDS, celery_settings
from panelhub.settings.database import database_settings

ROOT = Path(__file__).resolve().parents[3]
SAFE = {
    "SECRET_KEY": "s" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "PANELHUB_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "hub.example.com",
}


def run_manage(*arguments: str, var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "PANELHUB_ENV_FILE": os.devnull, "PANELHUB_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_production(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        var=var,
        DJANGO_SETTINGS_MODULE="panelhub.settings.production",
        **environment,
    )


def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    done = run_production(tmp_path, **SAFE)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"PANELHUB_KEYS": ""}, "PANELHUB_KEYS is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS allows every host"),
        ({"PANELHUB_ALLOW_PRIVATE_PROVIDERS": "true"}, "PANELHUB_ALLOW_PRIVATE_PROVIDERS is on"),
        ({"PANELHUB_SQLITE_SYNCHRONOUS": "OFF"}, "PANELHUB_SQLITE_SYNCHRONOUS is weakened"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY repeats a few characters"),
        ({"SECRET_KEY_FALLBACKS": "secret" * 10}, "SECRET_KEY_FALLBACKS repeats a few characters"),
        ({"PANELHUB_KEYS": "A" * 43 + "="}, "PANELHUB_KEYS repeats a few characters"),
        ({"PANELHUB_METRICS_TOKEN": "token" * 8}, "PANELHUB_METRICS_TOKEN repeats a few characters"),
        ({"PANELHUB_KEYS": "a passphrase of more than thirty-two characters"}, "PANELHUB_KEYS holds a text that is no"),
        ({"PANELHUB_PROXIES": "-1"}, "PANELHUB_PROXIES must be a whole number from 0 to 10, not '-1'."),
        ({"PANELHUB_CALL_RECORDS_DAYS": "0"}, "PANELHUB_CALL_RECORDS_DAYS must be a whole number from 1"),
        ({"PANELHUB_SESSION_SECONDS": "-5"}, "PANELHUB_SESSION_SECONDS must be a whole number from 60"),
        ({"SECURE_HSTS_SECONDS": "a year"}, "SECURE_HSTS_SECONDS must be a whole number from 0"),
        ({"CELERY_BROKER_URL": "http://broker/0"}, "CELERY_BROKER_URL must be an address that begins with redis://"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO"),
    ],
)
def test_production_does_not_start_unsafe_and_says_why(tmp_path: Path, changed: dict[str, str], sentence: str) -> None:
    done = run_production(tmp_path, **{**SAFE, **changed})

    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    show = "from django.conf import settings as s; print(s.SECRET_KEY, s.PANELHUB_KEYS)"
    first = run_manage("shell", "--no-imports", "-c", show, var=tmp_path)
    second = run_manage("shell", "--no-imports", "-c", show, var=tmp_path)

    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout


def test_an_unusable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run_manage("check", var=tmp_path / "file" / "var")

    assert done.returncode == 1
    assert "PANELHUB_VAR" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run_manage("check", var=tmp_path, DATABASE_URL="mysql://u:p@h/n")

    assert done.returncode == 1
    assert done.stderr.strip() == "DATABASE_URL must begin with sqlite:// or postgres://."


def test_sqlite_waits_for_locks_and_loses_nothing(tmp_path: Path) -> None:
    ask = (
        "from django.db import connection as c; k = c.cursor();"
        "print([k.execute('PRAGMA ' + p).fetchone()[0] for p in ('journal_mode', 'synchronous', 'busy_timeout')],"
        " c.transaction_mode)"
    )

    done = run_manage("shell", "--no-imports", "-c", ask, var=tmp_path)

    assert done.stdout.strip() == "['wal', 2, 20000] IMMEDIATE", done.stderr


def test_postgresql_connections_are_checked_and_kept_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://panelhub@db.example.com/panelhub")

    found = database_settings(environ.Env(), tmp_path)

    assert found["CONN_HEALTH_CHECKS"]
    assert found["CONN_MAX_AGE"] == 60
    assert found["OPTIONS"]["connect_timeout"] == 5


@pytest.mark.parametrize("url", ["panelhub://localhost//", "redis://h/0", "rediss://h/0", "amqp://h//"])
def test_only_json_is_taken_from_any_broker(url: str) -> None:
    found = celery_settings(url, Path("var"))

    assert found["CELERY_ACCEPT_CONTENT"] == ["json"]


def test_redis_never_hands_out_again_what_still_runs() -> None:
    options = celery_settings("rediss://h/0", Path("var"))["CELERY_BROKER_TRANSPORT_OPTIONS"]

    assert options["visibility_timeout"] == REDIS_VISIBILITY_SECONDS > 10 * TASK_HARD_SECONDS
    assert transport_scheme("rediss://h/0") == "redis"


def test_each_queue_has_an_exchange_and_a_key_of_its_own() -> None:
    queues = celery_settings("redis://h/0", Path("var"), queue_prefix="two-")["CELERY_TASK_QUEUES"]

    assert [(queue.name, queue.exchange.name, queue.routing_key) for queue in queues] == [
        ("two-clicks", "two-clicks", "two-clicks"),
        ("two-background", "two-background", "two-background"),
    ]
