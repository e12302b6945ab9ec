"""What the hub writes is its user's alone, whatever the folder's mode and the umask it was started with."""

from __future__ import annotations

import configparser
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from panelhub.launcher.private_files import make_all_private, make_private
from panelhub.settings.secrets import open_folder

ROOT = Path(__file__).resolve().parents[3]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(folder: Path) -> list[str]:
    """Return every path below a folder, itself included, that others may do anything with."""
    return [str(path) for path in (folder, *folder.rglob("*")) if mode_of(path) & 0o077 and not path.is_symlink()]


def start(var: Path, *argv: str) -> None:
    """Run a program of the hub as a careless service would: everything it makes could be read by all."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        ["sh", "-c", 'umask 0; exec "$@"', "sh", sys.executable, *argv],
        cwd=ROOT,
        env={**kept, "PANELHUB_ENV_FILE": os.devnull, "PANELHUB_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


LOAD_WSGI = "from gunicorn.util import import_app; import_app('panelhub.wsgi'); {then}"
LOAD_CELERY = "from panelhub.celery import app; app.conf.task_queues; {then}"
WRITE = (
    "import pathlib, sqlite3; from django.conf import settings; var = settings.PANELHUB_VAR; "
    "(var / 'broker' / 'q').mkdir(parents=True); (var / 'broker' / 'q' / 'a.msg').write_text('x'); "
    "db = sqlite3.connect(settings.DATABASES['default']['NAME']); db.execute('PRAGMA journal_mode=WAL'); "
    "db.execute('CREATE TABLE t (a)')"
)


@pytest.mark.parametrize("mode", [0o755, 0o777])
@pytest.mark.parametrize(
    "argv",
    [
        ("manage.py", "shell", "-v", "0", "-c", WRITE),
        ("-c", LOAD_WSGI.format(then=WRITE)),
        ("-c", LOAD_CELERY.format(then=WRITE)),
    ],
    ids=["manage.py", "gunicorn", "celery"],
)
def test_whatever_starts_writes_for_its_user_alone(tmp_path: Path, argv: tuple[str, ...], mode: int) -> None:
    var = tmp_path / "var"
    var.mkdir()
    var.chmod(mode)

    start(var, *argv)

    assert (var / "panelhub.sqlite3").exists()
    assert (var / "panelhub_key").exists()
    assert not open_to_others(var)


def test_what_was_open_is_closed_at_the_next_start(tmp_path: Path) -> None:
    var = tmp_path / "var"
    start(var, "manage.py", "shell", "-v", "0", "-c", WRITE)
    for path in (var, *var.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)

    start(var, "-c", LOAD_WSGI.format(then=""))

    assert not [path for path in open_to_others(var) if Path(path).parent in {var, var.parent}]
    # What `prepare` and `run` do besides, however deep.
    make_all_private(var)
    assert not open_to_others(var)


def test_only_what_is_the_hubs_is_closed(tmp_path: Path) -> None:
    var = tmp_path / "shared"
    var.mkdir()
    (var / "notes.txt").write_text("somebody else's")
    outside = tmp_path / "outside"
    outside.write_text("elsewhere")
    for path in (var / "notes.txt", outside):
        path.chmod(0o644)
    (var / "secret_key").write_text("x")
    (var / "secret_key").chmod(0o644)
    (var / "broker").symlink_to(outside)

    make_all_private(open_folder(var))

    assert [mode_of(var / "notes.txt"), mode_of(outside)] == [0o644, 0o644]
    assert [mode_of(var), mode_of(var / "secret_key")] == [0o700, 0o600]


def test_a_folder_that_is_everybodys_by_intent_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)

    make_private(tmp_path, tmp_path / "missing")

    assert mode_of(tmp_path) == 0o1777


@pytest.mark.parametrize("unit", sorted(path.name for path in (ROOT / "deploy" / "systemd").glob("*.service")))
def test_services_start_with_a_private_folder(unit: str) -> None:
    text = (ROOT / "deploy" / "systemd" / unit).read_text()
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)

    assert parser["Service"]["UMask"] == "0077"
    assert parser["Service"]["StateDirectoryMode"] == "0700"
