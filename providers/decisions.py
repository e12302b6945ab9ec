"""What a person decides about lists and prices that wait, with its line in the audit record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from panelhub.audit import record
from providers.catalogue import accept_hold, accept_prices, discard_hold

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from providers.models import CatalogueHold, Service

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


def accept_rates(services: QuerySet[Service], *, by: Any, request: HttpRequest | None = None) -> int:
    """Open those of ``services`` that a price jump had closed; returns how many."""
    with transaction.atomic():
        names = [str(service)[:80] for service in services.exclude(hold_reason="").order_by("pk")[:MOST_NAMES]]
        accepted = accept_prices(services, by)
        if accepted:
            summary = _("Accepted %(count)d prices: %(names)s") % {"count": accepted, "names": "; ".join(names)}
            record(by, "service.price_accepted", "providers.service", summary, request=request, count=accepted)
    return accepted
