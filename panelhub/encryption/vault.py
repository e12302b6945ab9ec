"""Secrets at rest: one MultiFernet from ``PANELHUB_KEYS``; the first key encrypts, every key decrypts.

Each secret is sealed together with the identity of its row, and with what it is for where the column says so, so
a ciphertext copied into another row, or left in a row that leads elsewhere now, is refused instead of being sent
to the wrong provider.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PREFIX = "enc1:"
_SEPARATOR = "\x1f"
SHORTEST_PASSPHRASE = 32


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
    """Turn one entry of ``PANELHUB_KEYS`` into a Fernet key.

    A Fernet key is taken as it is; any other text of at least 32 characters is hashed into one.
    Raises ``ImproperlyConfigured`` for anything shorter.
    """
    raw = text.strip().encode()
    try:
        if len(base64.urlsafe_b64decode(raw)) == 32:
            return raw
    except ValueError:
        pass
    if len(raw) < SHORTEST_PASSPHRASE:
        raise ImproperlyConfigured(
            "PANELHUB_KEYS holds a key that is neither a Fernet key nor a text of 32 characters or more."
        )
    return base64.urlsafe_b64encode(hashlib.sha256(b"panelhub-key:" + raw).digest())


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("PANELHUB_KEYS is empty: secrets cannot be stored or read.")
    return MultiFernet([Fernet(fernet_key(key)) for key in keys])


def key_ring() -> MultiFernet:
    """The key ring of the current settings."""
    return _ring(tuple(settings.PANELHUB_KEYS))


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
    """Whether a stored secret is encrypted under the first key already."""
    try:
        Fernet(fernet_key(settings.PANELHUB_KEYS[0])).decrypt(sealed[len(PREFIX) :].encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """Encrypt an existing secret anew under the first key, without looking at it.

    Raises :class:`SecretUnreadable` when none of the keys opens it.
    """
    try:
        return PREFIX + key_ring().rotate(sealed[len(PREFIX) :].encode()).decode()
    except InvalidToken:
        raise SecretUnreadable("A stored secret cannot be decrypted with the keys in PANELHUB_KEYS.") from None
