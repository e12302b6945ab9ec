"""What a person decides about lists and prices that wait, with its line in the audit record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from panelhub.audit.services import record
from panelhub.background.dispatch import notify_worker
from providers.catalogue.sync import accept_all_prices, accept_hold, accept_prices, discard_hold
from providers.models import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Keep what is known and throw a held list away; False when that was decided already."""
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
