"""What stands above every page: what waits for someone (unconfirmed, or a held list), and notices not yet read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from orders import statuses
from orders.listing.queries import TABS
from orders.models import Cancellation, Order, ProductOrder, Refill
from orders.notifications.services import deliveries_to
from orders.notifications.types import kinds_for
from orders.permissions import seen_by
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.db.prepared import Prepared
from panelhub.ui.formatting import format_capped
from providers.models import CatalogueHold
from providers.permissions import VisibleProviders

DECIDES: Final = ("providers.view_service", "providers.accept_catalogue")
_PATHS: Final[dict[type[Any], str]] = {
    Order: "provider_id",
    ProductOrder: "provider_id",
    Refill: "order__provider_id",
    Cancellation: "order__provider_id",
}


@dataclass(frozen=True, slots=True)
class Header:
    """``notices`` are those that are not over and were not read, ``held`` the lists of services about which the reader
    may decide; ``counts`` are those of the tabs of the list, by slug, where they were requested; all are capped.
    """

    unconfirmed: int
    unconfirmed_text: str
    notices: int = 0
    notices_text: str = ""
    held: int = 0
    held_text: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def header(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``header``, read only where a page shows it."""
    return {"header": SimpleLazyObject(lambda: load_header(request.user))}


def load_header(user: Any, *, tabs: VisibleProviders | None = None) -> Header:
    """Return the header for ``user``, with ``tabs`` also how many orders each tab of the list holds; one statement."""
    if not user.is_authenticated:
        return Header(0, "")
    kinds = tuple(kind.slug for kind in kinds_for(user))
    decides = user.has_perms(DECIDES)
    if tabs is not None and not tabs.sees_all_orders:
        # By the providers' own ids: a few orders among a million are found in the index of their provider.
        rows = list(_figures_for(user.pk, kinds=kinds, decides=decides, narrow=tabs.narrow))
    else:
        rows = _prepared(kinds, decides=decides, with_tabs=tabs is not None).rows_for(user.pk)
    ((_key, notices, held, *figures),) = rows
    unconfirmed = sum(figures[: len(_PATHS)])
    counts = zip(TABS, figures[len(_PATHS) :], strict=tabs is not None)
    return Header(
        unconfirmed=unconfirmed,
        unconfirmed_text=format_capped(unconfirmed, CAP),
        notices=notices,
        notices_text=format_capped(notices, CAP),
        held=held,
        held_text=format_capped(held, CAP),
        counts={tab.slug: count for tab, count in counts},
    )


def _figures_for(
    user_pk: int, *, kinds: tuple[str, ...], decides: bool, narrow: Narrow | None = None
) -> QuerySet[Any, Any]:
    """Return one row of counts. It hangs on the reader's own row, which is there whatever else is."""
    reader = SimpleNamespace(pk=user_pk)
    # Of no kind at all nothing could be counted: one that there is not counts to zero.
    unread = deliveries_to(user_pk, kinds or ("",)).filter(seen_at__isnull=True, notice__ended_at__isnull=True)
    open_holds = seen_by(CatalogueHold.objects.filter(closed_at__isnull=True, accepted_at__isnull=True), reader)
    figures: dict[str, Any] = {
        "notices_unread": CappedCount(unread),
        "lists_held": CappedCount(open_holds) if decides else Value(0),
    }
    figures |= {
        f"of_{model.__name__.lower()}": CappedCount(
            seen_by(model.objects.filter(status=statuses.UNCONFIRMED), reader, path=path)
        )
        for model, path in _PATHS.items()
    }
    if narrow is not None:
        every = narrow(Order.objects.all())
        figures |= {f"tab_{tab.slug}": CappedCount(tab.narrow(every), cap=tab.cap) for tab in TABS}
    return get_user_model().objects.filter(pk=user_pk).order_by().annotate(**figures).values_list("pk", *figures)


Narrow = Callable[[QuerySet[Order]], QuerySet[Order]]


@lru_cache(maxsize=64)
def _prepared(kinds: tuple[str, ...], *, decides: bool, with_tabs: bool) -> Prepared:
    """Return the statement for readers who may see and do the same; people with one role share it."""
    every: Narrow | None = (lambda orders: orders) if with_tabs else None
    return Prepared(partial(_figures_for, kinds=kinds, decides=decides, narrow=every))
