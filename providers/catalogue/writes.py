"""Write what a new list changed: in chunks that are committed one by one, so no lock lasts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F

from panelhub.db.bulk import insert_rows, lock_rows, update_rows
from providers.catalogue.diff import (
    LISTED,
    NAMING,
    NEW,
    STATE,
    SYNCS_TO_CLOSE,
    Change,
    Difference,
    new_values,
    plain,
)
from providers.catalogue.facts.rereading import keep_by_hand
from providers.catalogue.hub_rates import with_hub_rates
from providers.models import Provider, Service, ServiceChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


CHUNK: Final = 1000


def write_difference(provider: Provider, difference: Difference, *, first_time: bool, now: datetime) -> Counter[str]:
    changes: dict[int, list[Change]] = {}
    for change in difference.changes:
        changes.setdefault(change.service_id, []).append(change)
    for columns, rows in (
        ((*LISTED, *STATE), difference.updates),
        ((*LISTED, *STATE, *NAMING), difference.renames + difference.redescribed),
    ):
        for chunk in chunks(rows):
            with transaction.atomic():
                chunk = with_hub_rates(provider, chunk, place=1 + columns.index("rate"))
                lock_rows(Service, [row[0] for row in chunk])
                if columns[-len(NAMING) :] == NAMING:
                    chunk = keep_by_hand(columns, chunk)
                update_rows(Service, (*columns, "hub_rate"), chunk, locked=True)
                _add_changes(provider, [line for row in chunk for line in changes.get(row[0], ())], now=now)
    for chunk in chunks(difference.appeared):
        # Names are read before the transaction, which should be short.
        made = [new_values(row) for row in chunk]
        with transaction.atomic():
            made = with_hub_rates(provider, made, place=NEW.index("rate"))
            insert_rows(Service, (*NEW, "hub_rate"), made, provider=provider.pk, first_seen_at=now)
            if not first_time:
                _announce_new(provider, [row.id for row in chunk], now=now)
    return difference.figures + Counter(new=len(difference.appeared))


def note_missing(
    provider: Provider,
    missing: Sequence[tuple[int, int]],
    *,
    now: datetime,
    at_once: bool = False,
    enough: int = SYNCS_TO_CLOSE,
) -> Counter[str]:
    """Count one more list without these services (key, lists so far); close those that ``enough`` lists agree on."""
    gone = [pk for pk, syncs in missing if at_once or syncs + 1 >= enough]
    waiting = [pk for pk, syncs in missing if not (at_once or syncs + 1 >= enough)]
    for chunk in chunks(waiting):
        Service.objects.filter(pk__in=chunk).update(missing_syncs=F("missing_syncs") + 1)
    for chunk in chunks(gone):
        with transaction.atomic():
            Service.objects.filter(pk__in=chunk).update(
                is_available=False, missing_syncs=F("missing_syncs") + 1, closed_at=now
            )
            _add_changes(provider, [Change(pk, ServiceChange.Kind.CLOSED, "", "") for pk in chunk], now=now)
    return Counter(missing=len(waiting), closed=len(gone))


def _announce_new(provider: Provider, external_ids: Sequence[str], *, now: datetime) -> None:
    made = Service.objects.filter(provider=provider, external_id__in=external_ids).order_by()
    appeared = ServiceChange.Kind.APPEARED
    _add_changes(
        provider, [Change(pk, appeared, "", plain(rate)) for pk, rate in made.values_list("pk", "rate")], now=now
    )


def _add_changes(provider: Provider, changes: Sequence[Change], *, now: datetime) -> None:
    insert_rows(ServiceChange, ("service", "kind", "before", "after"), changes, provider=provider.pk, at=now)


def chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
