"""A text column that is encrypted at rest and plain on the instance."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from panelhub.encryption import vault


class Ciphertext(str):
    """Text as it stands in the column; never handed out as the secret itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<encrypted>"


class Opened(str):
    """A secret as it was read: plain text that remembers its ciphertext, and the row that is bound to."""

    __slots__ = ("owner", "sealed")

    owner: str
    sealed: Ciphertext


class _SecretAttribute(DeferredAttribute):
    """Opens the ciphertext on first access, so lists that never look never decrypt."""

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            owner = self.field.owner_of(instance)
            opened = Opened(vault.unseal(value, owner=owner))
            opened.owner, opened.sealed = owner, value
            value = instance.__dict__[name] = opened
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text sealed by :mod:`panelhub.encryption.vault` and bound to the row's ``uid``.

    Reading with the wrong key raises ``vault.SecretUnreadable``; it never returns the
    ciphertext. Filtering by the value and ``QuerySet.update`` of it are refused.
    """

    descriptor_class = _SecretAttribute

    def owner_of(self, instance: models.Model) -> str:
        """Name the row a secret belongs to: model, column and ``uid``."""
        return f"{instance._meta.label_lower}.{self.name}:{instance.uid}"  # type: ignore[attr-defined]

    def from_db_value(self, value: str | None, *args: Any) -> Ciphertext | None:
        return None if value is None else (Ciphertext(value) if value else value)  # type: ignore[return-value]

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Ciphertext) and value.startswith(vault.PREFIX):
            return Ciphertext(value)
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> Ciphertext | None:  # noqa: FBT001 - Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or value == "" or isinstance(value, Ciphertext):
            return value
        owner = self.owner_of(model_instance)
        if isinstance(value, Opened) and value.owner == owner:
            return value.sealed
        return self.seal(str(value), model_instance)

    def seal(self, text: str, instance: models.Model) -> Ciphertext:
        """`text` as it stands in this column of the row of `instance`, for set-based writes."""
        return Ciphertext(vault.seal(text, owner=self.owner_of(instance)) if text else "")

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Opened):
            # A fixture is saved without pre_save, by what the attribute gives.
            return str(value.sealed)
        if value is None or value == "" or isinstance(value, Ciphertext):
            return None if value is None else str(value)
        raise TypeError(f"{self.name} is encrypted: set it on an instance and save that instead.")

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.pre_save(obj, add=False) or "")
