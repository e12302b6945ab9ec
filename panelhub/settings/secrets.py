"""Files that only this user can read: the folder of the hub's data, and secrets that are made once and kept there."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

PRIVATE_UMASK: Final = 0o077
OWN_FILES: Final = (
    *("panelhub_key", "secret_key", "panelhub.sqlite3*", ".panelhub.sqlite3*", "run.lock"),
    *("broker", "backups", "sandbox", "static"),
)


class FolderUnusable(Exception):
    """The folder that keeps the hub's data cannot be written; the text says so to a person."""


def keep_files_private() -> None:
    """Let every file and folder that this process or its children make be its user's alone (umask 077)."""
    os.umask(PRIVATE_UMASK)


def own_files(folder: Path) -> Iterator[Path]:
    """The files and folders that the hub makes in the folder of its data; a folder may hold what is not the hub's."""
    return (path for pattern in OWN_FILES for path in folder.glob(pattern))


def make_all_private(folder: Path) -> None:
    """Do the same to the folder of the hub's data and all that the hub keeps in it, however deep."""
    for path in own_files(folder):
        make_private(path)
        if path.is_dir() and not path.is_symlink():
            make_private(*path.rglob("*"))


def make_private(*paths: Path) -> None:
    """Take what others may do with files and folders that are there already; those of another user stay as they are."""
    for path in paths:
        with suppress(OSError):
            mode = path.lstat().st_mode
            # A folder with the sticky bit, such as /tmp, is everybody's by intent.
            if mode & PRIVATE_UMASK and not stat.S_ISLNK(mode) and not mode & stat.S_ISVTX:
                path.chmod(stat.S_IMODE(mode) & ~PRIVATE_UMASK)


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
    """A new value for Django's SECRET_KEY."""
    return secrets.token_urlsafe(50)


def make_fernet_key() -> str:
    """A new key for PANELHUB_KEYS."""
    return Fernet.generate_key().decode("ascii")


def _read(path: Path) -> str:
    text = path.read_text(encoding="ascii").strip()
    if not text:
        raise ValueError(f"{path} is empty: restore it from a backup, or delete it to have a new one made.")
    return text
