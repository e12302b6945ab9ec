"""Fetch delivered goods and store them encrypted; they are fetched again until everything due was delivered.

Source: smmvna.com API v2 document, ``result_product``: one line of text for each piece, mostly
credentials. A partial delivery says in ``remains`` how many pieces are missing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import OrderEvent, ProductOrder
from panelhub.background.pool import is_shared, is_wanted
from panelhub.background.worker import is_stopping
from providers.accounts.connection_test import explain
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.client.errors import ProviderError
from providers.dialects import Action
from providers.models import Provider

log = logging.getLogger(__name__)

DELIVERED: Final = ("completed", "partial")
# How long after the last move of an order its goods are requested again, and how often, while some are missing.
_AGAIN: Final = (
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=30), timedelta(hours=6)),
)
CHUNK: Final = 100


@dataclass(frozen=True, slots=True)
class Goods:
    """What was delivered: a line for each piece. ``earlier`` are lines that a later answer did not repeat."""

    items: tuple[str, ...] = field(default=(), repr=False)
    earlier: tuple[str, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Fetched:
    """What one run of fetching came to; ``failure`` is the last one, in words without goods.

    ``again_in`` are the seconds until the budget allows the rest.
    """

    asked: int = 0
    delivered: int = 0
    failure: str = ""
    again_in: float | None = None


def goods_of(order: ProductOrder) -> Goods:
    """Return the goods of an order in plain text. Raises ``vault.SecretUnreadable`` when the key is missing."""
    if not order.goods:
        return Goods()
    kept = json.loads(order.goods)
    return Goods(tuple(kept["items"]), tuple(kept["earlier"]))


def due_goods(now: datetime, *, at_once: bool = False) -> QuerySet[ProductOrder]:
    """Return product orders whose goods are due: not fetched since they last changed, or incomplete.

    ``at_once`` includes the latter regardless of when they were requested last.
    """
    orders = ProductOrder.objects.filter(
        provider__is_active=True, external_id__isnull=False, status__in=DELIVERED
    ).alias(last=Coalesce("moved_at", "placed_at", "created_at"))
    wanted = Q(goods_at__isnull=True) | Q(goods_at__lt=F("moved_at"))
    for age, pause in _AGAIN:
        asked_before = now if at_once else now - pause
        wanted |= Q(goods_final=False, last__gte=now - age, goods_at__lt=asked_before)
    return orders.filter(wanted)


def providers_with_due_goods() -> list[int]:
    """Return ids of the providers with goods to fetch now."""
    found = due_goods(timezone.now()).order_by().values_list("provider_id", flat=True)
    return sorted(set(found))


def fetch_due_goods(provider: Provider, *, at_once: bool = False) -> Fetched:
    """Request the goods of the due orders from ``provider``, oldest first; stop at the first call without a reply."""
    fetched = Fetched()
    if not provider.speaks.can(Action.result_product):
        return fetched
    for order in due_goods(timezone.now(), at_once=at_once).filter(provider=provider).order_by("pk")[:CHUNK]:
        if is_wanted() or is_stopping():
            fetched.again_in = 0.0
            break
        order.provider = provider
        fetched.asked += 1
        try:
            fetched.delivered += fetch_goods(order)
        except BudgetExhausted as error:
            fetched.asked -= 1
            if is_shared():
                fetched.again_in = error.seconds
            else:
                fetched.failure = explain(error)
            break
        except ProviderError as error:
            fetched.failure = str(error)
            # A refusal is about this order alone; anything else would meet the next one as well.
            if not error.is_certain:
                break
    return fetched


def fetch_goods(order: ProductOrder, *, priority: CallPriority = CallPriority.POLL) -> int:
    """Request the goods of one order (its provider loaded) and store them; return how many lines are new.

    Never inside a transaction. Raises ``ProviderError`` when they cannot be had now; they are
    requested again later.
    """
    asked_at = timezone.now()
    try:
        with calling(order.provider, Action.result_product, priority=priority) as client:
            result = client.product_result(str(order.external_id))
    except ProviderError:
        ProductOrder.objects.filter(pk=order.pk).update(goods_at=asked_at)
        raise
    return _keep(order, result.items, asked_at)


def _keep(order: ProductOrder, items: Sequence[str], asked_at: datetime) -> int:
    with transaction.atomic():
        row = ProductOrder.objects.select_for_update().get(pk=order.pk)
        before = goods_of(row)
        known = (*before.items, *before.earlier)
        new = [item for item in items if item not in known]
        if items and tuple(items) != before.items:
            # What was delivered once is never thrown away, even when a later answer lacks it.
            earlier = [item for item in known if item not in items]
            row.goods = json.dumps({"items": list(items), "earlier": earlier}, ensure_ascii=False)
            row.goods_count = len(items)
        # By what was known when it was requested: a move meanwhile makes it due again.
        row.goods_final = _is_complete(order, len(items))
        row.goods_at = asked_at
        row.save(update_fields=["goods", "goods_count", "goods_final", "goods_at"])
        if new:
            OrderEvent.objects.create(product_order=row, kind="goods", words=_words(row, len(new)))
    return len(new)


def _is_complete(order: ProductOrder, count: int) -> bool:
    missing = max(0, order.remains or 0) if order.status == "partial" else 0
    return 0 < order.quantity - missing <= count


def _words(order: ProductOrder, new: int) -> str:
    values: dict[str, Any] = {"count": order.goods_count, "of": order.quantity, "new": new}
    return _("%(count)s of %(of)s delivered, %(new)s new") % values
