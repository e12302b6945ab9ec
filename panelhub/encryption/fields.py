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
    """A secret as it was read or saved: plain text with its ciphertext, and the row and place that is bound to."""

    __slots__ = ("owner", "place", "sealed")

    owner: str
    place: str
    sealed: Ciphertext

    @classmethod
    def make(cls, text: str, *, owner: str, place: str, sealed: Ciphertext) -> Opened:
        """Return `text` with what its ciphertext is bound to."""
        opened = cls(text)
        opened.owner, opened.place, opened.sealed = owner, place, sealed
        return opened


class _SecretAttribute(DeferredAttribute):
    """Opens the ciphertext on first access, so lists that never look never decrypt."""

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            owner, place = self.field.owner_of(instance), self.field.place_of(instance)
            text = vault.unseal(value, owner=owner)
            value = instance.__dict__[name] = Opened.make(text, owner=owner, place=place, sealed=value)
        elif isinstance(value, Opened) and value.place != self.field.place_of(instance):
            raise vault.SecretMoved()
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text sealed by the vault and bound to the row's ``uid``.

    Reading with the wrong key raises ``vault.SecretUnreadable``; it never returns the
    ciphertext. Filtering by the value and ``QuerySet.update`` of it are refused.

    ``bound_to`` names an attribute of the row that the secret is for, such as the origin of an API: once
    that reads otherwise, by whatever code, the secret cannot be read any more and has to be set again.
    """

    descriptor_class = _SecretAttribute

    def __init__(self, *args: Any, bound_to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not part of the column, so migrations do not know it.
        self.bound_to = bound_to

    def clone(self) -> EncryptedTextField:
        """Return a copy that is bound alike: for the tables that SQLite makes again."""
        copy: EncryptedTextField = super().clone()
        copy.bound_to = self.bound_to
        return copy

    def row_of(self, instance: models.Model) -> str:
        """Name the row a secret belongs to: model, column and ``uid``."""
        return f"{instance._meta.label_lower}.{self.name}:{instance.uid}"  # type: ignore[attr-defined]

    def place_of(self, instance: models.Model) -> str:
        """Name what a secret is for beside its row; "" when it is bound to the row alone."""
        return str(getattr(instance, self.bound_to)) if self.bound_to else ""

    def owner_of(self, instance: models.Model) -> str:
        """Name all that a secret is bound to: its row, and what it is for."""
        row, place = self.row_of(instance), self.place_of(instance)
        return f"{row}@{place}" if place else row

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
        owner, place = self.owner_of(model_instance), self.place_of(model_instance)
        # One that was read for another place is never sealed for this one: it stays closed until it is set again.
        if isinstance(value, Opened) and (value.owner == owner or value.place != place):
            return value.sealed
        text = str(value)
        sealed = self.seal(text, model_instance)
        # From here on it belongs to the place it was saved for, on this instance too.
        model_instance.__dict__[self.attname] = Opened.make(text, owner=owner, place=place, sealed=sealed)
        return sealed

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
