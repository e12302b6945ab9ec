"""Fetching a provider's whole service list: unchanged ones are known by a fingerprint and never parsed.

Some panels serve 500 rows a call and take an undocumented ``offset``; most ignore it and answer
with the whole list again. So a second page is only requested when the list ends at a multiple of
500, and is only believed when all of its rows are new.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from providers.calls.rate_limit import CallPriority
from providers.calls.services import calling
from providers.client.errors import ProviderError, RateLimited, Unknown
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.client.types import ServiceRow
    from providers.models import Provider

PAGE: Final = 500
MOST_PAGES: Final = 400
_READING: Final = "1"
"""Raised whenever rows are read or stored in another way, so that an unchanged list is taken in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a provider lists now. ``rows`` is None when the fingerprint is one of those already known."""

    fingerprint: str
    rows: list[ServiceRow] | None
    skipped: int = 0
    pages: int = 1


def read_listing(
    provider: Provider,
    *,
    known_fingerprints: frozenset[str],
    listed_before: Callable[[], int],
    priority: CallPriority = CallPriority.POLL,
) -> Listing:
    """Ask for the services of ``provider``; one call, or one a page.

    ``listed_before`` says how many services are known: a list that stops at a page's end and is
    shorter than that is not taken for complete when the rest cannot be read. Raises
    ``ProviderError`` when any page that is needed cannot be read.
    """
    if provider.catalogue_pages > 1:
        return _read_pages(provider, known_fingerprints, priority)
    with calling(provider, Action.services, priority=priority) as client:
        reply = client.services_raw()
        fingerprint = _fingerprint(provider, [reply.body_hash])
        if fingerprint in known_fingerprints:
            return Listing(fingerprint=fingerprint, rows=None)
        rows, skipped = reply.rows, reply.skipped
    listed = len(rows) + skipped
    if not listed or listed % PAGE:
        return Listing(fingerprint=fingerprint, rows=rows, skipped=skipped)
    try:
        hashes = [reply.body_hash]
        pages = _follow(provider, rows, listed, hashes, priority)
    except RateLimited:
        raise
    except ProviderError:
        # A panel without pages may take the parameter amiss. What it lists is whole unless more was known.
        if listed_before() > listed:
            raise
        return Listing(fingerprint=fingerprint, rows=rows, skipped=skipped)
    if pages == 1:
        return Listing(fingerprint=fingerprint, rows=rows, skipped=skipped)
    return Listing(fingerprint=_fingerprint(provider, hashes), rows=rows, skipped=skipped, pages=pages)


def _read_pages(provider: Provider, known_fingerprints: frozenset[str], priority: CallPriority) -> Listing:
    """Read a list known to come in pages. All of it is parsed: only the rows tell where it ends."""
    with calling(provider, Action.services, priority=priority) as client:
        reply = client.services_raw()
        rows, skipped = reply.rows, reply.skipped
    hashes = [reply.body_hash]
    listed = len(rows) + skipped
    pages = _follow(provider, rows, listed, hashes, priority) if listed and not listed % PAGE else 1
    fingerprint = _fingerprint(provider, hashes)
    if fingerprint in known_fingerprints:
        return Listing(fingerprint=fingerprint, rows=None, pages=pages)
    return Listing(fingerprint=fingerprint, rows=rows, skipped=skipped, pages=pages)


def _follow(provider: Provider, rows: list[ServiceRow], listed: int, hashes: list[str], priority: CallPriority) -> int:
    """Add the pages after the first to ``rows`` and ``hashes``; returns how many there are in all."""
    seen = {row.id for row in rows}
    for page in range(2, MOST_PAGES + 1):
        with calling(provider, Action.services, priority=priority) as client:
            reply = client.services_raw(offset=listed)
            if reply.body_hash in hashes:
                return page - 1
            more = reply.rows
        if not more or not seen.isdisjoint(row.id for row in more):
            # The end, or a panel that knows no offset and lists everything again, a price changed in between.
            return page - 1
        rows.extend(more)
        seen.update(row.id for row in more)
        hashes.append(reply.body_hash)
        size = len(more) + reply.skipped
        listed += size
        if size % PAGE:
            return page
    raise Unknown(f"The service list does not end after {MOST_PAGES} pages.")


def _fingerprint(provider: Provider, hashes: list[str]) -> str:
    settings = f"{_READING}:{provider.decimal_comma:d}"
    return hashlib.sha256(":".join([settings, *hashes]).encode()).hexdigest()
