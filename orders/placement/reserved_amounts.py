"""Add up what a person's orders take of their limit of the day, and what they ordered for one target."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from orders import statuses
from orders.links import key_of
from orders.models import Chain, Order, ProductOrder
from panelhub.db.aggregates import MoneySum

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FREE = (statuses.ORDER.refused, statuses.WITHDRAWN)
SPLITTING_WINDOW: Final = timedelta(days=1)

Target = tuple[str, int, bytes | None]
"""Service, product or route, its key, and the key of the link."""


def target_of(thing: Any, link: str = "") -> Target:
    """Return what a service, product or route counts as with a link: kind, key and canonical link.

    Orders without a link (a subscription names a user) count as one target per service.
    """
    return thing._meta.model_name, thing.pk, key_of(link)


def spent_today(user: Any) -> Decimal:
    """Return what a person's orders of today take of the limit, in the hub's currency.

    A held order counts on the day of its approval, any other order on the day it was made.
    """
    if user is None:
        return Decimal(0)
    person = get_user_model()._default_manager.filter(pk=user.pk).order_by()
    sums = person.values_list(*spent_columns("pk").values()).first() or ()
    return sum((total for total in sums if total is not None), Decimal(0))


def spent_columns(path: str) -> dict[str, Subquery]:
    """Return the twin of :func:`spent_today` for a statement over people, whose key is at ``path``: sums to add up."""
    return {
        f"spent_{index}": Subquery(
            orders.filter(created_by=OuterRef(path))
            .order_by()
            .values("created_by")
            .annotate(total=MoneySum("reserved"))
            .values("total")
        )
        for index, orders in enumerate(_of_today())
    }


def _of_today() -> list[QuerySet[Any]]:
    """Return what takes of today's limits: orders of services and of products and chains, but what costs nothing.

    Those made today and those approved today apart: each has its index.
    """
    midnight = _midnight()
    todays = (Q(created_at__gte=midnight, let_out_at__isnull=True), Q(let_out_at__gte=midnight))
    return [
        model.objects.filter(of_today).exclude(status__in=FREE)
        for model in (Order, ProductOrder, Chain)
        for of_today in todays
    ]


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def takes_of_today(order: Any) -> bool:
    """Return whether an order that is not free is among those of today already."""
    return bool((order.let_out_at or order.created_at) >= _midnight())


def spent_on(user: Any, wanted: Iterable[Target | None]) -> dict[Target, Decimal]:
    """Return what a person's orders of the last day reserved, by target; a statement for each kind."""
    since = timezone.now() - SPLITTING_WINDOW
    targets = {target for target in wanted if target is not None}
    found: dict[Target, Decimal] = {}
    for kind, model, columns in (
        ("service", Order, ("service_id", "target_key")),
        ("product", ProductOrder, ("product_id",)),
        ("route", Chain, ("route_id", "target_key")),
    ):
        keys = {target[1] for target in targets if target[0] == kind}
        if not keys or user is None:
            continue
        rows = model._default_manager.filter(created_by=user, **{f"{kind}__in": keys}, created_at__gte=since)
        sums = rows.exclude(status__in=FREE).order_by().values_list(*columns).annotate(total=MoneySum("reserved"))
        for key, *link, total in sums:
            found[(kind, key, bytes(link[0]) if link and link[0] else None)] = total or Decimal(0)
    return found
