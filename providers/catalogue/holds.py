"""Lists that look wrong are held: which hold stands, which list it is about, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from panelhub.background.dispatch import notify_worker
from providers.catalogue.diff import Difference
from providers.catalogue.guard import Suspicion
from providers.catalogue.writes import chunks
from providers.models import CatalogueHold, Provider, Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

    from providers.client.types import ServiceRow


SAME_LIST_SHARE: Final = 0.1
"""By how much the length of an accepted or discarded list may differ and it still is the list a person saw."""

DISCARDED_FOR: Final = timedelta(days=1)


def standing_hold(provider: Provider) -> CatalogueHold | None:
    """The hold that waits for a person, or the last one if it was discarded a short while ago."""
    hold = CatalogueHold.objects.filter(provider=provider).order_by("-id").first()
    if hold is None or hold.closed_at is None:
        return hold
    recent = hold.outcome == CatalogueHold.Outcome.DISCARDED and hold.closed_at > timezone.now() - DISCARDED_FOR
    return hold if recent else None


def count_closed_since(provider: Provider, hold: CatalogueHold, rows: Sequence[ServiceRow]) -> int:
    """How many services were closed while a list waited, and are not in this list either."""
    closed = Service.objects.filter(provider=provider, is_available=False, closed_at__gte=hold.at)
    listed = {row.id for row in rows}
    return sum(1 for external_id in closed.values_list("external_id", flat=True) if external_id not in listed)


def hold_list(
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


def close_renamed(difference: Difference) -> int:
    """Let no one order by an id that bears another name now, until the list is decided about."""
    renamed = [row[0] for row in difference.renames]
    return sum(
        Service.objects.filter(pk__in=chunk, hold_reason="").update(hold_reason=Service.Hold.RENUMBERED)
        for chunk in chunks(renamed)
    )


def was_accepted(hold: CatalogueHold | None, suspicion: Suspicion, fingerprint: str) -> bool:
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


def close_hold(
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
    """Apply a held list at the next sync, which is started now; return False when it was already decided.

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
    return close_hold(hold, CatalogueHold.Outcome.DISCARDED, now=timezone.now(), by=by)
