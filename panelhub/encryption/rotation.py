"""Encrypt stored secrets again: under the first key of PANELHUB_KEYS, or bound to what each is for."""

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
    """Yield every column of every model that is encrypted."""
    yield from ((model, field.name) for model, field in _encrypted_fields())


def _encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def rebind_secrets() -> tuple[int, list[models.Model]]:
    """Bind secrets of versions that bound them to their rows alone to what they are for, as it stands now.

    Returns how many were bound, and the rows whose secret cannot be read: no key opens it, or it was entered for
    another place. Harmless when run again.
    """
    bound, unreadable = 0, []
    for model, field in _encrypted_fields():
        if not field.bound_to:
            continue
        for row in model._base_manager.exclude(**{f"{field.name}__in": ["", None]}).order_by("pk").iterator(CHUNK):
            sealed = row.__dict__[field.attname]
            try:
                getattr(row, field.attname)
            except vault.SecretMoved as moved:
                if not moved.is_unbound:
                    unreadable.append(row)
                    continue
                text = vault.unseal(sealed, owner=field.row_of(row))
                found = model._base_manager.filter(pk=row.pk, **{field.name: sealed})
                bound += found.update(**{field.name: field.seal(text, row)})
            except vault.SecretUnreadable:
                unreadable.append(row)
    return bound, unreadable


def rotate_column(model: type[models.Model], column: str) -> tuple[Counter[str], list[int]]:
    """Re-encrypt one column; returns figures and the keys of the rows that no key opens, which stay as they are.

    Can be broken off and started again: what is under the first key already is passed over. A secret that
    someone changes meanwhile is left to them.
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
                resealed = Ciphertext(vault.reseal(sealed))
            except vault.SecretUnreadable:
                unreadable.append(pk)
                continue
            figures["rotated"] += model._base_manager.filter(pk=pk, **{column: sealed}).update(**{column: resealed})
    return figures, unreadable
