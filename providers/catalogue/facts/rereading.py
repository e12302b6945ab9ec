"""Facts that were read from names: unchanged where a person set them, read again when the word tables changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction

from panelhub.db.bulk import lock_rows, update_rows
from providers.models.service_names.facts import STORED, VERSION, stored_facts

if TYPE_CHECKING:
    from panelhub.launcher.startup import Startup

AT_ONCE: Final = 1_000
_READ: Final = ("pk", "name", "category", "description", "by_hand", "read_version", *STORED)


def keep_by_hand(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """``rows`` of a key and ``columns``, with what a person set by hand in place of what was read.

    One statement. Inside a transaction that has locked the rows, so that nothing is set in between.
    """
    from providers.models import Service

    keys = [row[0] for row in rows]
    kept = dict(Service.objects.filter(pk__in=keys).exclude(by_hand={}).order_by().values_list("pk", "by_hand"))
    places = {name: place for place, name in enumerate(columns, start=1)}
    return [_overlay(row, kept[row[0]], places) if row[0] in kept else row for row in rows]


def _overlay(row: tuple[Any, ...], by_hand: dict[str, Any], places: dict[str, int]) -> tuple[Any, ...]:
    values = list(row)
    for name, value in by_hand.items():
        if name in places:
            values[places[name]] = value
    return tuple(values)


def reread_names(model: type[models.Model], *, using: str = "default") -> int:
    """Read the names of all services of ``model`` that an older version of the tables read; how many changed.

    What a person set by hand stays. Each thousand is committed by itself.
    """
    services = model._default_manager.using(using).filter(read_version__lt=VERSION).order_by("pk")
    changed = last = 0
    while keys := list(services.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        last = keys[-1]
        with transaction.atomic(using=using):
            lock_rows(model, keys)
            rows = list(services.filter(pk__in=keys).values_list(*_READ))
            read = [(pk, *_facts(row), VERSION) for pk, *row in rows]
            changed += sum(new[1:-1] != old[6:] for new, old in zip(read, rows, strict=True))
            update_rows(model, (*STORED, "read_version"), read, locked=True)
    return changed


def reread_services(startup: Startup) -> None:
    """Read services again whose names an older version of the tables read."""
    from providers.models import Service

    changed = reread_names(Service)
    if changed:
        startup.say(f"Service names were read again: {changed} services changed.")


def _facts(row: Sequence[Any]) -> tuple[Any, ...]:
    name, category, description, by_hand = row[:4]
    values = dict(zip(STORED, stored_facts(name, category, description), strict=True)) | by_hand
    return tuple(values[field] for field in STORED)
