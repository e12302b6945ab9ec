"""What stands above every page: how much waits, unconfirmed, for somebody to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from orders import states
from orders.access import seen_by
from orders.models import Cancellation, Order, ProductOrder, Refill
from panelhub.counting import CAP, CappedCount
from panelhub.ui import format_capped

_PATHS: Final[dict[type[Any], str]] = {
    Order: "provider_id",
    ProductOrder: "provider_id",
    Refill: "order__provider_id",
    Cancellation: "order__provider_id",
}


@dataclass(frozen=True, slots=True)
class Header:
    """``counts`` are those a page asked for along the way, capped."""

    unconfirmed: int
    unconfirmed_text: str
    counts: Mapping[str, int] = field(default_factory=dict)


def header(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``header``, read only where a page shows it."""
    return {"header": SimpleLazyObject(lambda: load_header(request.user))}


def load_header(user: Any, *, counts: Mapping[str, QuerySet[Any]] | None = None) -> Header:
    """The header for ``user`` with the sizes of ``counts``' rows, all in one statement."""
    if not user.is_authenticated:
        return Header(0, "")
    wanted = counts or {}
    # The reader's own row carries the figures: it is there whatever else is.
    row: dict[str, Any] = dict(
        get_user_model()
        .objects.filter(pk=user.pk)
        .order_by()
        .values(
            **{f"of_{slug}": CappedCount(queryset) for slug, queryset in _unconfirmed(user).items()},
            **{f"count_{name}": CappedCount(queryset) for name, queryset in wanted.items()},
        )
        .first()
        or {}
    )
    unconfirmed = sum(value for name, value in row.items() if name.startswith("of_"))
    return Header(
        unconfirmed=unconfirmed,
        unconfirmed_text=format_capped(unconfirmed, CAP),
        counts={name: row.get(f"count_{name}", 0) for name in wanted},
    )


def _unconfirmed(user: Any) -> dict[str, QuerySet[Any]]:
    return {
        model.__name__.lower(): seen_by(model.objects.filter(status=states.UNCONFIRMED), user, path=path)
        for model, path in _PATHS.items()
    }
