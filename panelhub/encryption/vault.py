"""Secrets at rest: one MultiFernet from ``PANELHUB_KEYS``; the first key encrypts, every key decrypts.

Each secret is sealed together with the identity of its row, and with what it is for where the column says so, so
a ciphertext copied into another row, or left in a row that leads elsewhere now, is refused instead of being sent
to the wrong provider.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PREFIX = "enc1:"
_SEPARATOR = "\x1f"
KEY_BYTES = 32


class SecretUnreadable(Exception):
    """A stored secret cannot be opened: wrong ``PANELHUB_KEYS``, or a ciphertext moved between rows."""


class SecretMoved(SecretUnreadable):
    """A secret was entered for another place than it would go to now, or before places were kept (`is_unbound`)."""

    def __init__(self, *, is_unbound: bool = False) -> None:
        self.is_unbound = is_unbound
        super().__init__(
            "The key was saved by an earlier version: run `manage.py prepare`."
            if is_unbound
            else "The key was entered for another address: enter it again."
        )


def fernet_key(text: str) -> bytes:
    """Return one entry of ``PANELHUB_KEYS`` as a Fernet key; raises ``ImproperlyConfigured`` when it is none."""
    raw = text.strip().encode()
    try:
        is_key = len(base64.b64decode(raw, altchars=b"-_", validate=True)) == KEY_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ImproperlyConfigured(
            "PANELHUB_KEYS holds a text that is no Fernet key (32 bytes in URL-safe base64). Make one with: "
            'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        )
    return raw


@lru_cache(maxsize=8)
def _build_key_ring(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("PANELHUB_KEYS is empty: secrets cannot be stored or read.")
    return MultiFernet([Fernet(fernet_key(key)) for key in keys])


def key_ring() -> MultiFernet:
    """Return the key ring of the current settings."""
    return _build_key_ring(tuple(settings.PANELHUB_KEYS))


def seal(plain: str, *, owner: str) -> str:
    """Encrypt ``plain`` for the row named ``owner``; returns text with the ``enc1:`` mark."""
    return PREFIX + key_ring().encrypt(f"{owner}{_SEPARATOR}{plain}".encode()).decode()


def unseal(sealed: str, *, owner: str) -> str:
    """Decrypt text made by :func:`seal` for the same ``owner``; raises :class:`SecretUnreadable`."""
    if not sealed.startswith(PREFIX):
        raise SecretUnreadable("A stored secret does not carry the mark of an encrypted value.")
    try:
        plain = key_ring().decrypt(sealed[len(PREFIX) :].encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("A stored secret cannot be decrypted with the keys in PANELHUB_KEYS.") from None
    sealed_for, _, secret = plain.partition(_SEPARATOR)
    if sealed_for == owner:
        return secret
    row, _, place = sealed_for.partition("@")
    if row == owner.partition("@")[0]:
        raise SecretMoved(is_unbound=not place)
    raise SecretUnreadable("A stored secret belongs to another row and was refused.")


def is_current(sealed: str) -> bool:
    """Return whether a stored secret is encrypted under the first key already."""
    try:
        Fernet(fernet_key(settings.PANELHUB_KEYS[0])).decrypt(sealed[len(PREFIX) :].encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """Encrypt an existing secret again under the first key, without looking at it.

    Raises :class:`SecretUnreadable` when none of the keys opens it.
    """
    try:
        return PREFIX + key_ring().rotate(sealed[len(PREFIX) :].encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("A stored secret cannot be decrypted with the keys in PANELHUB_KEYS.") from None
