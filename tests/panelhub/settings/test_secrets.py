"""Secrets made once: private, whole, and one for all processes."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from panelhub.settings.secrets import FolderUnusable, keep, make_fernet_key, make_secret_key, open_folder


def test_a_secret_is_made_once_and_read_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret"
    open_folder(path.parent)

    first = keep(path, make_secret_key)

    assert keep(path, make_secret_key) == first
    assert len(first) >= 50


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    keep(path, make_fernet_key)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    ready = threading.Barrier(8)
    found: list[str] = []

    def make() -> str:
        # All of them have looked and found nothing before the first one writes.
        ready.wait(timeout=10)
        return make_secret_key()

    threads = [threading.Thread(target=lambda: found.append(keep(path, make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert len(found) == 8
    assert set(found) == {path.read_text()}


def test_an_empty_file_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()

    with pytest.raises(ValueError, match="restore it from a backup"):
        keep(tmp_path / "secret", make_secret_key)


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderUnusable, match=r"cannot be made .* PANELHUB_VAR"):
        open_folder(tmp_path / "file" / "var")
