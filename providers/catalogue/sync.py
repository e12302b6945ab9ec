"""Keeping the services of a provider in step with what it lists, and deciding about lists and prices that look wrong.

A list is compared with the stored rows as plain tuples and only what changed is written, in chunks
that are committed one by one: nobody waits long for a lock, and a sync that dies halfway is simply
continued by the next. Which list was taken over is kept as a fingerprint, so an unchanged list
costs one call and no parsing.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from panelhub.background.dispatch import notify_worker
from panelhub.db.bulk import insert_rows, lock_rows, update_rows
from providers.calls.rate_limit import CallPriority
from providers.catalogue.diff import (
    HELD_SYNCS_TO_CLOSE,
    LISTED,
    NAMING,
    NEW,
    STATE,
    SYNCS_TO_CLOSE,
    Change,
    Difference,
    compare,
    new_values,
    plain,
)
from providers.catalogue.facts.rereading import keep_by_hand
from providers.catalogue.fetch import Listing, read_listing
from providers.catalogue.guard import Suspicion, suspect, suspect_again
from providers.catalogue.seen_prices import is_mark_of, is_mark_of_all
from providers.catalogue.stored import read_known
from providers.models import CatalogueHold, Provider, Service, ServiceChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import QuerySet

    from providers.client.types import ServiceRow

logger = logging.getLogger(__name__)

CHUNK: Final = 1000
SAME_LIST_SHARE: Final = 0.1
"""By how much the length of an accepted or discarded list may differ and it still is the list a person saw."""
DISCARDED_FOR: Final = timedelta(days=1)


def sync_services(
    provider: Provider, *, force: bool = False, priority: CallPriority = CallPriority.POLL
) -> Counter[str]:
    """Ask ``provider`` for its services and take over what changed; returns figures.

    ``force`` compares even a list that is known by its fingerprint. Raises ``ProviderError`` when the
    list cannot be read: then nothing changes. Must not run twice at once for one provider.
    """
    provider.refresh_from_db()
    hold = _standing_hold(provider) if not provider.catalogue_hash else None
    listing = read_listing(
        provider,
        known_fingerprints=frozenset() if force else _known_fingerprints(provider, hold),
        listed_before=Service.objects.filter(provider=provider, is_available=True).count,
        priority=priority,
    )
    if listing.rows is None:
        return _see_again(provider, listing, hold)
    return _take_over(provider, listing)


def _known_fingerprints(provider: Provider, hold: CatalogueHold | None) -> frozenset[str]:
    if provider.catalogue_hash:
        return frozenset({provider.catalogue_hash})
    return frozenset({hold.body_hash}) if hold and not hold.accepted_at else frozenset()


def _standing_hold(provider: Provider) -> CatalogueHold | None:
    """The hold that waits for a person, or the last one if it was discarded a short while ago."""
    hold = CatalogueHold.objects.filter(provider=provider).order_by("-id").first()
    if hold is None or hold.closed_at is None:
        return hold
    recent = hold.outcome == CatalogueHold.Outcome.DISCARDED and hold.closed_at > timezone.now() - DISCARDED_FOR
    return hold if recent else None


def _see_again(provider: Provider, listing: Listing, hold: CatalogueHold | None) -> Counter[str]:
    """The same list as last time: it agrees that what is missing is missing."""
    figures: Counter[str] = Counter(unchanged=1)
    now = timezone.now()
    if hold is not None:
        if hold.closed_at is None:
            CatalogueHold.objects.filter(pk=hold.pk).update(last_seen_at=now)
            figures["held"] = 1
            if hold.listed:
                missing = Service.objects.filter(provider=provider, is_available=True, missing_syncs__gt=0)
                waiting = list(missing.values_list("pk", "missing_syncs"))
                figures += _note_missing(provider, waiting, now=now, enough=HELD_SYNCS_TO_CLOSE)
    else:
        missing = Service.objects.filter(provider=provider, is_available=True, missing_syncs__gt=0)
        figures += _note_missing(provider, list(missing.values_list("pk", "missing_syncs")), now=now)
    Provider.objects.filter(pk=provider.pk).update(catalogue_at=now, catalogue_pages=listing.pages)
    return figures


def _take_over(provider: Provider, listing: Listing) -> Counter[str]:
    rows = listing.rows or []
    now = timezone.now()
    stored = read_known(provider)
    available = sum(1 for row in stored if row[2])
    difference = compare(rows, {row[0]: row for row in stored}, jump_percent=provider.price_jump_percent)
    first_time = not stored
    figures = Counter(listed=len(rows), skipped=listing.skipped + difference.refused)
    suspicion = suspect(
        rows, difference, known=available, read_names=lambda: {row[0]: row[6] for row in stored if row[2]}
    )
    # A list that was taken over closed whatever hold there was.
    hold = _standing_hold(provider) if suspicion is not None or not provider.catalogue_hash else None
    accepted = False
    if suspicion is None and hold is not None and hold.closed_at is None:
        # What was closed while the list waited does not make the list a good one.
        suspicion = suspect_again(rows, difference, hold, known=available, closed=_closed_since(provider, hold, rows))
    if suspicion is not None:
        accepted = _was_accepted(hold, suspicion, listing.fingerprint)
        if not accepted:
            figures["held"] = _hold(provider, hold, suspicion, listing.fingerprint, now=now)
            if figures["held"] and suspicion.kind == CatalogueHold.Kind.RENUMBERED:
                figures["closed_for_now"] = _close_renamed(difference)
            if figures["held"] and rows:
                missing = [(service.pk, service.missing_syncs) for service in difference.missing]
                figures += _note_missing(provider, missing, now=now, enough=HELD_SYNCS_TO_CLOSE)
            return +figures
    # A hundred thousand rows of text that nobody needs while the changes are written.
    stored.clear()
    figures += _write(provider, difference, first_time=first_time, now=now)
    missing = [(service.pk, service.missing_syncs) for service in difference.missing]
    figures += _note_missing(provider, missing, now=now, at_once=accepted)
    if hold is not None and hold.closed_at is None:
        _close_hold(hold, CatalogueHold.Outcome.APPLIED if accepted else CatalogueHold.Outcome.OVERTAKEN, now=now)
    Provider.objects.filter(pk=provider.pk).update(
        catalogue_hash=listing.fingerprint, catalogue_at=now, catalogue_pages=listing.pages
    )
    return +figures


# --- Writing ----------------------------------------------------------------------------------------------------------


def _write(provider: Provider, difference: Difference, *, first_time: bool, now: datetime) -> Counter[str]:
    changes: dict[int, list[Change]] = {}
    for change in difference.changes:
        changes.setdefault(change.service_id, []).append(change)
    for columns, rows in (
        ((*LISTED, *STATE), difference.updates),
        ((*LISTED, *STATE, *NAMING), difference.renames + difference.redescribed),
    ):
        for chunk in _chunks(rows):
            with transaction.atomic():
                lock_rows(Service, [row[0] for row in chunk])
                if columns[-len(NAMING) :] == NAMING:
                    chunk = keep_by_hand(columns, chunk)
                update_rows(Service, columns, chunk, locked=True)
                _add_changes(provider, [line for row in chunk for line in changes.get(row[0], ())], now=now)
    for chunk in _chunks(difference.appeared):
        # Names are read before the transaction, which should be short.
        made = [new_values(row) for row in chunk]
        with transaction.atomic():
            insert_rows(Service, NEW, made, provider=provider.pk, first_seen_at=now)
            if not first_time:
                _announce_new(provider, [row.id for row in chunk], now=now)
    return difference.figures + Counter(new=len(difference.appeared))


def _closed_since(provider: Provider, hold: CatalogueHold, rows: Sequence[ServiceRow]) -> int:
    """How many services were closed while a list waited, and are not in this list either."""
    closed = Service.objects.filter(provider=provider, is_available=False, closed_at__gte=hold.at)
    listed = {row.id for row in rows}
    return sum(1 for external_id in closed.values_list("external_id", flat=True) if external_id not in listed)


def _note_missing(
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
    for chunk in _chunks(waiting):
        Service.objects.filter(pk__in=chunk).update(missing_syncs=F("missing_syncs") + 1)
    for chunk in _chunks(gone):
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


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


# --- What waits for a person ------------------------------------------------------------------------------------------


def _hold(
    provider: Provider, hold: CatalogueHold | None, suspicion: Suspicion, fingerprint: str, *, now: datetime
) -> int:
    """Keep a list back; 1 unless a person has just discarded the like of it."""
    # Without a fingerprint the next list is compared in full, so that a good one ends the hold.
    Provider.objects.filter(pk=provider.pk).update(catalogue_hash="", catalogue_at=now)
    if hold is not None and hold.closed_at is not None:
        if _is_same_list(hold, suspicion, fingerprint):
            return 0
        hold = None
    if hold is None:
        hold = CatalogueHold(provider=provider, at=now)
    hold.kind = suspicion.kind
    hold.reason = suspicion.reason[:300]
    hold.body_hash = fingerprint
    hold.listed, hold.known, hold.details = suspicion.listed, suspicion.known, suspicion.details
    hold.last_seen_at = now
    # A list that differs from the one a person accepted is another question.
    hold.accepted_at = hold.accepted_by = None
    hold.save()
    return 1


def _close_renamed(difference: Difference) -> int:
    """Let nobody order by an id that bears another name now, until the list is decided about."""
    renamed = [row[0] for row in difference.renames]
    return sum(
        Service.objects.filter(pk__in=chunk, hold_reason="").update(hold_reason=Service.Hold.RENUMBERED)
        for chunk in _chunks(renamed)
    )


def _was_accepted(hold: CatalogueHold | None, suspicion: Suspicion, fingerprint: str) -> bool:
    return (
        hold is not None
        and hold.closed_at is None
        and hold.accepted_at is not None
        and _is_same_list(hold, suspicion, fingerprint)
    )


def _is_same_list(hold: CatalogueHold, suspicion: Suspicion, fingerprint: str) -> bool:
    if hold.body_hash == fingerprint:
        return True
    return hold.kind == suspicion.kind and abs(hold.listed - suspicion.listed) <= SAME_LIST_SHARE * hold.listed


def _close_hold(
    hold: CatalogueHold, outcome: CatalogueHold.Outcome, *, now: datetime, by: AbstractBaseUser | None = None
) -> bool:
    with transaction.atomic():
        closed = CatalogueHold.objects.filter(pk=hold.pk, closed_at__isnull=True).update(
            closed_at=now, outcome=outcome, **({"closed_by": by} if by else {})
        )
        renumbered = Service.objects.filter(provider=hold.provider_id, hold_reason=Service.Hold.RENUMBERED)
        renumbered.update(hold_reason="")
    return bool(closed)


def accept_hold(hold: CatalogueHold, by: AbstractBaseUser) -> bool:
    """Take a held list over at the next sync, which is rung for; False when it was decided about already.

    The next list must be the one that was held, or one of its kind and about its length.
    """
    news = CatalogueHold.objects.filter(pk=hold.pk, closed_at__isnull=True, accepted_at__isnull=True).update(
        accepted_at=timezone.now(), accepted_by=by
    )
    if news:
        notify_worker("providers.tasks.sync_services", hold.provider_id)
    return bool(news)


def discard_hold(hold: CatalogueHold, by: AbstractBaseUser) -> bool:
    """Throw a held list away; for a day the like of it is not raised again. False when it was closed already."""
    return _close_hold(hold, CatalogueHold.Outcome.DISCARDED, now=timezone.now(), by=by)


def accept_prices(services: QuerySet[Service], seen: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """Open those of ``services`` (a queryset) that a price jump had closed and whose rate is the one that was seen.

    ``seen`` gives the mark of the rate that somebody saw, by key. Returns the keys of what was opened, and of
    what stays closed because its rate moved since.
    """
    with transaction.atomic():
        waiting = _lock_waiting(services.filter(pk__in=seen))
        agreed = [row for row in waiting if is_mark_of(seen[row[0]], row[3])]
        _open_at_rates(agreed)
    opened = [row[0] for row in agreed]
    return opened, sorted({row[0] for row in waiting} - set(opened))


def accept_all_prices(services: QuerySet[Service], seen: str) -> list[int] | None:
    """Open all of ``services`` that a price jump had closed; their keys.

    ``seen`` is the mark of all that waited when somebody looked. ``None``, and nothing opened, when other
    services or rates wait by now.
    """
    with transaction.atomic():
        waiting = _lock_waiting(services)
        if not is_mark_of_all(seen, ((row[0], row[3]) for row in waiting)):
            return None
        _open_at_rates(waiting)
    return [row[0] for row in waiting]


def _lock_waiting(services: QuerySet[Service]) -> list[tuple[int, int, Any, Any]]:
    """Key, provider, accepted rate and rate of what a price jump closed, locked.

    So what is compared, opened and recorded is one price: no sync puts another one in between.
    """
    waiting = Service.objects.filter(pk__in=services.values("pk"), hold_reason=Service.Hold.PRICE_JUMP)
    columns = ("pk", "provider_id", "accepted_rate", "rate")
    return list(waiting.order_by("pk").select_for_update().values_list(*columns))


def _open_at_rates(waiting: Sequence[tuple[int, int, Any, Any]]) -> None:
    now = timezone.now()
    for chunk in _chunks(waiting):
        Service.objects.filter(pk__in=[row[0] for row in chunk]).update(hold_reason="", accepted_rate=None)
        insert_rows(
            ServiceChange,
            ("service", "provider", "before", "after"),
            [(pk, owner, "" if before is None else plain(before), plain(rate)) for pk, owner, before, rate in chunk],
            kind=ServiceChange.Kind.ACCEPTED.value,
            at=now,
        )
