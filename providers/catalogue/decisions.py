"""What a person decides about lists and prices that wait, with its line in the audit record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from panelhub.audit.services import record
from panelhub.background.dispatch import notify_worker
from panelhub.db.bulk import insert_rows
from providers.catalogue.diff import plain
from providers.catalogue.holds import accept_hold, discard_hold
from providers.catalogue.seen_prices import is_mark_of, is_mark_of_all
from providers.catalogue.writes import chunks
from providers.models import Service, ServiceChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from providers.models import CatalogueHold

MOST_NAMES: Final = 5


def accept_list(hold: CatalogueHold, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Have a held list taken over at the next sync; False when that was decided already."""
    with transaction.atomic():
        news = accept_hold(hold, by)
        if news:
            record(by, "catalogue.accepted", hold, f"{hold.provider}: {hold.reason}", request=request)
    return news


def discard_list(hold: CatalogueHold, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Discard a held list and leave the services as they are; False when that was decided already."""
    with transaction.atomic():
        news = discard_hold(hold, by)
        if news:
            record(by, "catalogue.discarded", hold, f"{hold.provider}: {hold.reason}", request=request)
    return news


def open_refused(service: Service, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Open a service that was closed because its orders were refused; False when it was not.

    Orders that wait unsent go out then.
    """
    with transaction.atomic():
        held = Service.objects.filter(pk=service.pk, hold_reason=Service.Hold.REFUSED)
        opened = bool(held.update(hold_reason=""))
        if opened:
            record(by, "service.opened", service, f"{service.provider}: {service.name}", request=request)
            notify_worker("orders.submission.tasks.submit_provider", service.provider_id)
    return opened


def accept_rates(
    services: QuerySet[Service], *, seen: Mapping[int, str], by: Any, request: HttpRequest | None = None
) -> tuple[int, int]:
    """Open those of ``services`` that a price jump had closed, at the rates whose marks are in ``seen``.

    Returns how many were opened, and how many were not because their rate moved since.
    """
    with transaction.atomic():
        opened, moved = accept_prices(services, seen)
        _record_rates(opened, by=by, request=request)
    return len(opened), len(moved)


def accept_all_rates(
    services: QuerySet[Service], *, seen: str, by: Any, request: HttpRequest | None = None
) -> int | None:
    """Open all of ``services`` that a price jump had closed; ``None`` when they are not what was ``seen`` any more."""
    with transaction.atomic():
        opened = accept_all_prices(services, seen)
        _record_rates(opened or [], by=by, request=request)
    return None if opened is None else len(opened)


def _record_rates(opened: list[int], *, by: Any, request: HttpRequest | None) -> None:
    if not opened:
        return
    names = [str(service)[:80] for service in Service.objects.filter(pk__in=opened[:MOST_NAMES]).order_by("pk")]
    summary = _("Accepted %(count)d prices: %(names)s") % {"count": len(opened), "names": "; ".join(names)}
    record(by, "service.price_accepted", "providers.service", summary, request=request, count=len(opened))


def accept_prices(services: QuerySet[Service], seen: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """Open those of ``services`` (a queryset) that a price jump had closed and whose rate is the one that was seen.

    ``seen`` gives the mark of the rate that someone saw, by key. Returns the keys of what was opened, and of
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

    ``seen`` is the mark of all that waited when someone looked. ``None``, and nothing opened, when other
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
    for chunk in chunks(waiting):
        Service.objects.filter(pk__in=[row[0] for row in chunk]).update(hold_reason="", accepted_rate=None)
        insert_rows(
            ServiceChange,
            ("service", "provider", "before", "after"),
            [(pk, owner, "" if before is None else plain(before), plain(rate)) for pk, owner, before, rate in chunk],
            kind=ServiceChange.Kind.ACCEPTED.value,
            at=now,
        )
