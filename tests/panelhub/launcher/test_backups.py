"""Backups of the embedded database: made during load, complete, and put back without sending anything twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]


def _hub(var: Path) -> dict[str, str]:
    gone = {"DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    return kept | {"PANELHUB_VAR": str(var), "PANELHUB_ENV_FILE": os.devnull}


def _manage(var: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *args], cwd=ROOT, env=_hub(var), capture_output=True, text=True, check=False
    )


_FILL = """
from decimal import Decimal
from providers.models import Provider, Service
from orders.models import Order, Refill
p = Provider.objects.create(name="p", dialect="standard", api_url="https://p.example/api/v2", api_key="k" * 20)
s = Service.objects.create(provider=p, external_id="1", name="s", rate=1)
for status in ("queued", "sending", "completed", "unconfirmed"):
    claim = {"claim": "6c1d8f5e-0f3b-4a39-9c1e-5a3a8f2f6f10"} if status == "sending" else {}
    o = Order.objects.create(provider=p, service=s, link="https://x.example/", quantity=1, status=status, **claim)
Refill.objects.create(order=o, status="queued")
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a hub's folder with a few orders, made once."""
    folder = tmp_path_factory.mktemp("hub") / "var"
    assert _manage(folder, "migrate", "-v", "0").returncode == 0
    assert _manage(folder, "shell", "-v", "0", "-c", _FILL).returncode == 0
    return folder


@pytest.fixture
def var(tmp_path: Path, filled: Path) -> Path:
    """Return a copy of it for one test."""
    return Path(shutil.copytree(filled, tmp_path / "var"))


def test_a_backup_made_during_load_has_everything_confirmed_before_it(var: Path, tmp_path: Path) -> None:
    stop, confirmed = threading.Event(), 0
    seen: list[int] = []

    def write() -> None:
        nonlocal confirmed
        database = sqlite3.connect(var / "panelhub.sqlite3", timeout=20, isolation_level=None)
        while not stop.is_set():
            database.execute(
                "INSERT INTO panelhub_heartbeat (name, at, detail) VALUES (?, '2026-01-01 00:00:00', '')",
                [f"load-{confirmed}"],
            )
            confirmed += 1
            seen.append(confirmed)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    while len(seen) < 20:
        pass
    before = confirmed
    made = _manage(var, "backup", str(tmp_path / "copy.sqlite3"))
    stop.set()
    writer.join()
    assert made.returncode == 0, made.stderr
    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    (kept,) = copy.execute("SELECT count(*) FROM panelhub_heartbeat WHERE name LIKE 'load-%'").fetchone()
    (last,) = copy.execute(
        "SELECT max(CAST(substr(name, 6) AS integer)) FROM panelhub_heartbeat WHERE name LIKE 'load-%'"
    ).fetchone()
    copy.close()
    assert kept >= before
    assert kept == last + 1


def test_a_restore_sends_nothing_by_itself_and_keeps_what_was_there(var: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    assert _manage(var, "backup", str(copy)).returncode == 0
    done = _manage(var, "restore", str(copy))
    assert done.returncode == 0, done.stderr
    assert "held 1, refill rules put off 0, schedules held 0, unconfirmed 1, withdrawn 1" in done.stdout
    database = sqlite3.connect(var / "panelhub.sqlite3")
    states = dict(database.execute("SELECT status, count(*) FROM orders_order GROUP BY status"))
    database.close()
    assert states == {"held": 1, "unconfirmed": 2, "completed": 1}
    assert list(var.glob("panelhub.sqlite3.before-restore-*"))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\x00" + b"x" * 5000])
def test_what_is_no_backup_is_refused_and_nothing_is_touched(var: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.sqlite3"
    file.write_bytes(content)
    before = (var / "panelhub.sqlite3").stat().st_ino
    done = _manage(var, "restore", str(file))
    assert done.returncode == 1
    assert "bad.sqlite3" in done.stderr
    assert "Traceback" not in done.stderr
    assert (var / "panelhub.sqlite3").stat().st_ino == before


def test_a_backup_never_overwrites(var: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    target.write_bytes(b"precious")
    done = _manage(var, "backup", str(target))
    assert done.returncode == 1
    assert target.read_bytes() == b"precious"


def test_a_running_hub_is_not_restored_over(var: Path, tmp_path: Path) -> None:
    import fcntl

    copy = tmp_path / "copy.sqlite3"
    assert _manage(var, "backup", str(copy)).returncode == 0
    with (var / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _manage(var, "restore", str(copy))
    assert done.returncode == 1
    assert "already runs" in done.stderr


def test_on_postgresql_it_says_what_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from panelhub.launcher import backups

    databases = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}}
    monkeypatch.setattr(backups, "settings", SimpleNamespace(DATABASES=databases))
    with pytest.raises(backups.BackupRefused, match="pg_dump"):
        backups.database_file()
