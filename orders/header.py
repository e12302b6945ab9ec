"""What stands above every page: how much waits, unconfirmed, for somebody to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from orders import states
from orders.access import seen_by
from orders.models import Cancellation, Order, ProductOrder, Refill
from orders.queries import TABS
from panelhub.counting import CAP, CappedCount
from panelhub.prepared import Prepared
from panelhub.ui import format_capped

_PATHS: Final[dict[type[Any], str]] = {
    Order: "provider_id",
    ProductOrder: "provider_id",
    Refill: "order__provider_id",
    Cancellation: "order__provider_id",
}


@dataclass(frozen=True, slots=True)
class Header:
    """``counts`` are those of the tabs of the list, by slug, where they were asked for; all are capped."""

    unconfirmed: int
    unconfirmed_text: str
    counts: Mapping[str, int] = field(default_factory=dict)


def header(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``header``, read only where a page shows it."""
    return {"header": SimpleLazyObject(lambda: load_header(request.user))}


def load_header(user: Any, *, tabs: bool = False) -> Header:
    """The header for ``user``, with ``tabs`` also how many orders the counted tabs hold; one statement."""
    if not user.is_authenticated:
        return Header(0, "")
    ((_key, *figures),) = (_WITH_TABS if tabs else _PLAIN).rows_for(user.pk)
    unconfirmed = sum(figures[: len(_PATHS)])
    return Header(
        unconfirmed=unconfirmed,
        unconfirmed_text=format_capped(unconfirmed, CAP),
        counts={tab.slug: count for tab, count in zip(COUNTED, figures[len(_PATHS) :], strict=tabs)},
    )


def _figures_for(user_pk: int, *, tabs: bool) -> QuerySet[Any, Any]:
    """One row of counts. It hangs on the reader's own row, which is there whatever else is."""
    reader = SimpleNamespace(pk=user_pk)
    wanted = {
        model.__name__.lower(): seen_by(model.objects.filter(status=states.UNCONFIRMED), reader, path=path)
        for model, path in _PATHS.items()
    }
    if tabs:
        wanted |= {tab.slug: seen_by(Order.objects.filter(status__in=tab.statuses), reader) for tab in COUNTED}
    figures = {f"of_{name}": CappedCount(queryset) for name, queryset in wanted.items()}
    return get_user_model().objects.filter(pk=user_pk).order_by().annotate(**figures).values_list("pk", *figures)


COUNTED: Final = tuple(tab for tab in TABS if tab.counted)
_PLAIN: Final = Prepared(partial(_figures_for, tabs=False))
_WITH_TABS: Final = Prepared(partial(_figures_for, tabs=True))
