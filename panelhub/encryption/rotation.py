"""Encrypting every stored secret anew under the first key of PANELHUB_KEYS."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.apps import apps

from panelhub.encryption import vault
from panelhub.encryption.fields import Ciphertext, EncryptedTextField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db import models

CHUNK = 500


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every model that is encrypted."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def rotate_column(model: type[models.Model], column: str) -> tuple[Counter[str], list[int]]:
    """Re-encrypt one column; returns figures and the keys of the rows that no key opens, which stay as they are.

    Can be broken off and started again: what is under the first key already is passed over. A secret that
    somebody changes meanwhile is left to them.
    """
    figures: Counter[str] = Counter()
    unreadable: list[int] = []
    last = 0
    while rows := list(model._base_manager.filter(pk__gt=last).order_by("pk").values_list("pk", column)[:CHUNK]):
        for pk, sealed in rows:
            last = pk
            if not isinstance(sealed, Ciphertext):
                continue
            if vault.is_current(sealed):
                figures["current"] += 1
                continue
            try:
                anew = Ciphertext(vault.reseal(sealed))
            except vault.SecretUnreadable:
                unreadable.append(pk)
                continue
            figures["rotated"] += model._base_manager.filter(pk=pk, **{column: sealed}).update(**{column: anew})
    return figures, unreadable
