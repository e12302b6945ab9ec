"""Secrets that are made once and kept in a file only this user can read."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def keep(path: Path, make: Callable[[], str]) -> str:
    """Return the text kept in `path`, making it with `make` on first use.

    Safe when several processes start at once: the text is written whole to a private file and
    linked into place, which fails for all but the first; the others read the winner's.
    Raises OSError when the folder cannot be written.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp opens with 0600 whatever the umask says.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
    finally:
        os.unlink(draft)
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
