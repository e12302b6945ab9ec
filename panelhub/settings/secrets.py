"""Files that only this user can read: the folder of the hub's data, and secrets that are made once and kept there."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from panelhub.launcher.private_files import make_private, own_files


class FolderUnusable(ImproperlyConfigured):
    """The folder that keeps the hub's data cannot be written; the text says so to a person."""


def open_folder(folder: Path) -> Path:
    """Make `folder` if it is missing, and return it, private to this user together with the hub's files directly in it.

    Raises FolderUnusable.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(
            f"The folder {folder} cannot be made ({error.strerror}); PanelHub keeps all its data there. "
            "Name a folder that can be written with PANELHUB_VAR=..."
        ) from error
    make_private(folder, *own_files(folder))
    return folder


def keep(path: Path, make: Callable[[], str]) -> str:
    """Return the text kept in `path`, making it with `make` on first use.

    Safe when several processes start at once: the text is written whole to a private file and
    linked into place, which fails for all but the first; the others read the winner's.
    Raises FolderUnusable when the folder cannot be written.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    try:
        # mkstemp opens with 0600 whatever the umask says.
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise FolderUnusable(
            f"The file {path} cannot be written ({error.strerror}); PanelHub keeps a secret of its own there. "
            "Name a folder that can be written with PANELHUB_VAR=..."
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return _read(path)


def make_secret_key() -> str:
    """Return a new value for Django's SECRET_KEY."""
    return secrets.token_urlsafe(50)


def make_fernet_key() -> str:
    """Return a new key for PANELHUB_KEYS."""
    return Fernet.generate_key().decode("ascii")


def _read(path: Path) -> str:
    text = path.read_text(encoding="ascii").strip()
    if not text:
        raise ValueError(f"{path} is empty: restore it from a backup, or delete it to have a new one made.")
    return text
