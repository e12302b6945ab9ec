"""What the page of one service shows: its price over time, and the same kind at other providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils.safestring import SafeString

from panelhub.ui.formatting import Badge
from panelhub.ui.pagination import merge_branches
from providers.catalogue.changes import read_price
from providers.catalogue.contexts import COLUMNS
from providers.catalogue.filters import availability
from providers.models import Favourite, Service, ServiceChange
from providers.models.hub_rates import PLACES
from providers.models.service_kinds import OTHER
from providers.permissions import VisibleProviders

FROM_EACH: Final = 2
MOST_RIVALS: Final = 12
MOST_PROVIDERS: Final = 40


def price_history(service: Service, changes: Sequence[ServiceChange]) -> list[tuple[datetime, Decimal]]:
    """Return the price as far back as ``changes`` (newest first) tell, a point for each change, oldest first.

    A line of the feed whose price cannot be read is left out.
    """
    moves = [change for change in reversed(changes) if change.kind == ServiceChange.Kind.RATE]
    points: list[tuple[datetime, Decimal]] = []
    for move in moves:
        old, new = read_price(move.before), read_price(move.after)
        if not points and old is not None:
            points.append((min(service.first_seen_at, move.at), old))
        if new is not None:
            points.append((move.at, new))
    return points or [(service.first_seen_at, service.rate)]


def is_comparable(service: Service) -> bool:
    """Return whether it is known what else is of the same kind."""
    return bool(service.platform) and service.kind != OTHER


def find_rivals(service: Service, *, visible: VisibleProviders, reader: Any) -> Sequence[Mapping[str, Any]]:
    """Return the cheapest open services of the same kind and type at each other provider, cheapest first; one
    statement.
    """
    others = {pk: seen for pk, seen in visible.providers.items() if pk != service.provider_id and seen.is_active}
    if not is_comparable(service) or not others:
        return []
    alike = Service.objects.filter(
        availability("", visible), platform=service.platform, kind=service.kind, type=service.type
    ).annotate(price=PLACES["price"])
    cheapest = [
        alike.filter(provider_id=pk).order_by("price", "id")[:FROM_EACH] for pk in list(others)[:MOST_PROVIDERS]
    ]
    marked = Favourite.objects.filter(person=reader.pk, service=OuterRef("pk"))
    found = merge_branches(cheapest).order_by().annotate(price=PLACES["price"])
    rows = found.values(*COLUMNS, is_favourite=Exists(marked)).order_by("price", "id")
    return list(rows[:MOST_RIVALS])


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is still open, as the page of its service lists it."""

    url: str
    name: str
    badge: Badge
    quantity: str
    when: SafeString


Find = Callable[[Any, int], Sequence[OpenOrder]]

_finders: Final[list[Find]] = []


def register_open_orders(find: Find) -> None:
    """Have ``find`` name the newest open orders of a service that a person may see; this app knows of none."""
    _finders[:] = [find]


def open_orders(reader: Any, service_id: int) -> Iterable[OpenOrder]:
    """Return the newest open orders of a service that ``reader`` may see."""
    return _finders[0](reader, service_id) if _finders else ()
