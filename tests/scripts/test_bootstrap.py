"""scripts/bootstrap.py: what stands in the way of the environment is one sentence."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script, at home in a folder of the test's own."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / lock).write_text("")
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    return module


def say_why(bootstrap: ModuleType, *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.main(list(arguments))
    assert isinstance(stopped.value.code, str)
    return stopped.value.code


def test_an_old_python_is_shown_which_one_is_needed(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)

    assert say_why(bootstrap).startswith("PanelHub needs Python 3.11 or newer, and this is 3.9;")


def test_an_old_python_hands_over_to_a_newer_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    def start(path: str, argv: list[str]) -> None:
        started.append((path, argv[1:2]))
        raise SystemExit("as if replaced")

    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(bootstrap.os, "execv", start)
    say_why(bootstrap)

    assert started == [("/usr/bin/python3.12", [str(SCRIPT)])]


def test_even_very_old_pythons_can_read_it() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 4))


def test_a_python_without_venv_says_what_to_install(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    assert "apt-get install python3-venv" in say_why(bootstrap)


def test_a_folder_that_cannot_be_written_is_named(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(bootstrap.tempfile, "TemporaryFile", refuse)

    assert say_why(bootstrap).startswith(f"The folder {tmp_path} cannot be written (Read-only file system);")


def test_packages_that_cannot_be_had_are_said_in_a_sentence(bootstrap: ModuleType, tmp_path: Path) -> None:
    script = "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\necho 'ERROR: No matching distribution found for django'\nexit 1\n"
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(script)
    python.chmod(0o755)

    said = say_why(bootstrap)

    assert said.startswith("The packages of requirements.txt could not be installed; is the network reachable")
    assert said.endswith("No matching distribution found for django")


def test_it_is_made_once_and_again_when_the_lock_changed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[str] = []
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "install", made.append)

    bootstrap.main([])
    bootstrap.main([])
    assert made == ["requirements.txt"]

    bootstrap.main(["--dev"])
    bootstrap.main(["--dev"])
    bootstrap.main([])
    assert made[1:] == ["requirements.txt", "requirements-dev.txt"]

    (tmp_path / "requirements.txt").write_text("django==5.2.19")
    bootstrap.main([])
    assert made[3:] == ["requirements.txt"]


def test_it_becomes_the_command(tmp_path: Path) -> None:
    """With the real environment, which is there, since these tests run in it or in one made the same way."""
    done = subprocess.run(
        [sys.executable, "-c", f"import runpy, sys; sys.argv = ['bootstrap', '--dev', '--', '-c', 'print(6 * 7)']\n"
         f"bootstrap = runpy.run_path({str(SCRIPT)!r}, run_name='bootstrap')\n"
         f"names = bootstrap['main'].__globals__\n"
         f"names.update(PYTHON=sys.executable, is_made=lambda needs: True)\n"
         f"bootstrap['main'](sys.argv[1:])"],
        cwd=tmp_path,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert done.stdout == "42\n", done.stderr
