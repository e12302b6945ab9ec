"""Tracked kinds: orders, refills and product orders, one entry each; the poller does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders import statuses
from orders.models import Order, ProductOrder, Refill
from orders.polling import batches, order_updates, tiers
from orders.polling.other_updates import apply_product_statuses, apply_refill_statuses
from orders.polling.rounds import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

    from orders.polling.order_updates import Applied

NEW, MOVING, SLOW, RESTING = Order.Tier.NEW, Order.Tier.MOVING, Order.Tier.SLOW, Order.Tier.RESTING
FRESH_FOR: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the rows of a tier are polled, and how many batches a worker takes at once."""

    interval: timedelta
    batches: int = 20


@dataclass(frozen=True, slots=True)
class Tracked:
    """One kind of thing that is polled.

    ``rows`` are those of a provider's tier that can be polled (of all tiers for
    :data:`~orders.polling.rounds.BY_HAND`); ``read`` gives them as tuples that begin with the key and the
    provider's id; ``apply`` writes answers down; ``after_round`` moves a provider's rows between tiers.
    """

    slug: str
    job: str
    question: batches.Question
    paces: Mapping[int, Pace]
    rows: Callable[[int, int], QuerySet[Any]]
    read: Callable[[QuerySet[Any]], list[tuple[Any, ...]]]
    apply: Callable[..., Applied]
    after_round: Callable[[int], Any] = lambda provider_id: None


def _orders(provider_id: int, tier: int) -> QuerySet[Any]:
    which = Q(tier__gt=0) if tier == BY_HAND else Q(tier=tier)
    return Order.objects.filter(
        which, provider_id=provider_id, external_id__isnull=False, status__in=statuses.AT_PROVIDER
    )


def _by_age(rows: QuerySet[Any], tier: int) -> QuerySet[Any]:
    """Tier NEW holds what was made in the last days, SLOW what is older."""
    if tier == BY_HAND:
        return rows
    young = Q(created_at__gte=timezone.now() - FRESH_FOR)
    return rows.filter(young if tier == NEW else ~young)


def _refills(provider_id: int, tier: int) -> QuerySet[Any]:
    rows = Refill.objects.filter(
        order__provider_id=provider_id, external_id__isnull=False, status__in=statuses.REFILL_OPEN
    )
    return _by_age(rows.exclude(external_id=""), tier)


def _product_orders(provider_id: int, tier: int) -> QuerySet[Any]:
    rows = ProductOrder.objects.filter(provider_id=provider_id, external_id__isnull=False)
    now = timezone.now()
    is_open = Q(status__in=statuses.OPEN)
    final = rows.alias(last=Coalesce("moved_at", "placed_at", "created_at")).filter(
        status__in=statuses.FINAL, last__gte=now - tiers.FINAL_RESTING_FOR
    )
    match tier:
        case Order.Tier.RESTING:
            return final
        case _ if tier == BY_HAND:
            return rows.filter(is_open | Q(pk__in=final.values("pk")))
        case _:
            return _by_age(rows.filter(is_open), tier)


def tier_of_product_order(order: ProductOrder) -> int:
    """Return the tier whose poll round covers an order of a product."""
    if order.status in statuses.FINAL:
        return RESTING
    return NEW if order.created_at >= timezone.now() - FRESH_FOR else SLOW


def _read_models(rows: QuerySet[Any]) -> list[tuple[Any, ...]]:
    return [(row.pk, row.external_id, row) for row in rows]


def _age(provider_id: int) -> None:
    tiers.find_forgotten(provider_id)
    tiers.age_orders(provider_id)


ORDERS: Final = Tracked(
    slug="order",
    job="sync_statuses",
    question=batches.ORDER_STATUS,
    paces={
        NEW: Pace(timedelta(seconds=30)),
        MOVING: Pace(timedelta(minutes=5)),
        SLOW: Pace(timedelta(minutes=30), batches=5),
        RESTING: Pace(timedelta(hours=12), batches=3),
    },
    rows=_orders,
    read=order_updates.read_rows,
    apply=order_updates.apply_statuses,
    after_round=_age,
)
REFILLS: Final = Tracked(
    slug="refill",
    job="sync_refills",
    question=batches.REFILL_STATUS,
    paces={NEW: Pace(timedelta(minutes=2)), SLOW: Pace(timedelta(hours=1), batches=5)},
    rows=_refills,
    read=_read_models,
    apply=lambda provider, rows, answers, **how: apply_refill_statuses(
        provider, [row[2] for row in rows], answers, **how
    ),
)
PRODUCT_ORDERS: Final = Tracked(
    slug="product_order",
    job="sync_product_orders",
    question=batches.PRODUCT_STATUS,
    paces={
        NEW: Pace(timedelta(seconds=30)),
        SLOW: Pace(timedelta(minutes=30), batches=5),
        RESTING: Pace(timedelta(hours=12), batches=3),
    },
    rows=_product_orders,
    read=_read_models,
    apply=lambda provider, rows, answers, **how: apply_product_statuses(
        provider, [row[2] for row in rows], answers, **how
    ),
)
EVERYTHING: Final = (ORDERS, REFILLS, PRODUCT_ORDERS)
