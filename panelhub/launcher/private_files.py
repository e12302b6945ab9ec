"""Keep the hub's files private to its user, whatever the folder's mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

PRIVATE_UMASK: Final = 0o077


OWN_FILES: Final = (
    *("panelhub_key", "secret_key", "panelhub.sqlite3*", ".panelhub.sqlite3*", "run.lock"),
    *("broker", "backups", "sandbox", "static"),
)


def keep_files_private() -> None:
    """Let every file and folder that this process or its children make be its user's alone (umask 077)."""
    os.umask(PRIVATE_UMASK)


def own_files(folder: Path) -> Iterator[Path]:
    """Return the files and folders that the hub makes in the folder of its data; a folder may hold what is not the
    hub's.
    """
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
