"""Sync the services of a provider with what it lists; a list that looks wrong is held for a person.

A list is compared with the stored rows as plain tuples and only what changed is written, in chunks
that are committed one by one: no lock is held for long, and a sync that dies halfway is simply
continued by the next. Which list was taken over is stored as a fingerprint, so an unchanged list
costs one call and no parsing.
"""

from __future__ import annotations

import logging
from collections import Counter

from django.utils import timezone

from providers.calls.rate_limit import CallPriority
from providers.catalogue.diff import HELD_SYNCS_TO_CLOSE, compare
from providers.catalogue.fetch import Listing, read_listing
from providers.catalogue.guard import suspect, suspect_again
from providers.catalogue.holds import (
    close_hold,
    close_renamed,
    count_closed_since,
    hold_list,
    standing_hold,
    was_accepted,
)
from providers.catalogue.stored import read_known
from providers.catalogue.writes import note_missing, write_difference
from providers.models import CatalogueHold, Provider, Service

logger = logging.getLogger(__name__)


def sync_services(
    provider: Provider, *, force: bool = False, priority: CallPriority = CallPriority.POLL
) -> Counter[str]:
    """Ask ``provider`` for its services and take over what changed; returns figures.

    ``force`` compares even a list that is known by its fingerprint. Raises ``ProviderError`` when the
    list cannot be read: then nothing changes. Must not run twice at once for one provider.
    """
    provider.refresh_from_db()
    hold = standing_hold(provider) if not provider.catalogue_hash else None
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
                figures += note_missing(provider, waiting, now=now, enough=HELD_SYNCS_TO_CLOSE)
    else:
        missing = Service.objects.filter(provider=provider, is_available=True, missing_syncs__gt=0)
        figures += note_missing(provider, list(missing.values_list("pk", "missing_syncs")), now=now)
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
    hold = standing_hold(provider) if suspicion is not None or not provider.catalogue_hash else None
    accepted = False
    if suspicion is None and hold is not None and hold.closed_at is None:
        # What was closed while the list waited does not make the list a good one.
        suspicion = suspect_again(
            rows, difference, hold, known=available, closed=count_closed_since(provider, hold, rows)
        )
    if suspicion is not None:
        accepted = was_accepted(hold, suspicion, listing.fingerprint)
        if not accepted:
            figures["held"] = hold_list(provider, hold, suspicion, listing.fingerprint, now=now)
            if figures["held"] and suspicion.kind == CatalogueHold.Kind.RENUMBERED:
                figures["closed_for_now"] = close_renamed(difference)
            if figures["held"] and rows:
                missing = [(service.pk, service.missing_syncs) for service in difference.missing]
                figures += note_missing(provider, missing, now=now, enough=HELD_SYNCS_TO_CLOSE)
            return +figures
    # A hundred thousand rows of text that is not needed while the changes are written.
    stored.clear()
    figures += write_difference(provider, difference, first_time=first_time, now=now)
    missing = [(service.pk, service.missing_syncs) for service in difference.missing]
    figures += note_missing(provider, missing, now=now, at_once=accepted)
    if hold is not None and hold.closed_at is None:
        close_hold(hold, CatalogueHold.Outcome.APPLIED if accepted else CatalogueHold.Outcome.OVERTAKEN, now=now)
    Provider.objects.filter(pk=provider.pk).update(
        catalogue_hash=listing.fingerprint, catalogue_at=now, catalogue_pages=listing.pages
    )
    return +figures


# --- Writing ----------------------------------------------------------------------------------------------------------


# --- What waits for a person ------------------------------------------------------------------------------------------
