"""What the page of one order of a product shows, put together in a fixed number of statements."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders.detail.contexts import describe_charge, describe_result, describe_state
from orders.detail.history import read_product_traces
from orders.detail.timeline import describe_timeline
from orders.models import ProductOrder
from orders.polling.rounds import last_checked
from orders.polling.subjects import PRODUCT_ORDERS, tier_of_product_order
from orders.products.goods import DELIVERED, Goods
from orders.statuses import LIVE
from panelhub.ui.formatting import badge, format_count, format_progress, format_when
from providers.dialects import Action

_MAY_CHANGE: Final = (
    *("status", "provider_status", "remains", "charge", "external_id", "error", "held_for", "tries", "moved_at"),
    *("provider_note", "goods_count", "goods_final"),
)


def load_product_order(visible: QuerySet[ProductOrder], pk: int) -> QuerySet[ProductOrder]:
    """Return the order with all that its page needs of other tables; nothing secret is read along."""
    return (
        visible.filter(pk=pk)
        .select_related("product", "provider", "created_by", "approved_by")
        .defer("provider__api_key", "product__search_text", "require", "result", "goods")
    )


def mark_of_product_order(order: ProductOrder) -> str:
    """Return a short mark of all on the page that may change by itself."""
    shown = [getattr(order, name) for name in _MAY_CHANGE]
    return f"{order.pk}:{zlib.crc32(repr(shown).encode()):x}"


def is_moving(order: ProductOrder) -> bool:
    """Return whether the page may still change by itself: the order is open, or what it delivered is not all here."""
    return order.status in LIVE or awaits_goods(order)


def awaits_goods(order: ProductOrder) -> bool:
    """Return whether the hub still requests goods of this order."""
    return (
        order.status in DELIVERED
        and bool(order.external_id)
        and not order.goods_final
        and order.provider.speaks.can(Action.result_product)
    )


def build_product_page(order: ProductOrder, *, user: Any, goods: Goods | None = None) -> dict[str, Any]:
    """Return everything of the page that changes with the order; ``goods`` are shown when they are given."""
    now = timezone.now()
    sees_cost = user.has_perm("orders.view_cost")
    return {
        **describe_state(order, now=now, sees_cost=sees_cost),
        **describe_timeline(read_product_traces(order.pk), user=user, now=now),
        "mark": mark_of_product_order(order) if is_moving(order) else "",
        "progress": _progress(order),
        "figures": _figures(order, sees_cost=sees_cost),
        "outcome": list(describe_result(order, sees_cost=sees_cost)),
        "asked": _asked(order, now),
        "delivery": _delivery(order, now),
        "awaits_goods": awaits_goods(order),
        "goods": goods,
        "all_goods": "\n".join([*goods.items, *goods.earlier]) if goods else "",
        "may_see_goods": user.has_perm("orders.view_goods"),
        "sees_cost": sees_cost,
    }


def _progress(order: ProductOrder) -> SafeString | str:
    tone = badge(order.status).tone
    bar = format_progress(total=order.quantity, remains=order.remains, tone=tone, large=True)
    return bar.html if bar else ""


def _figures(order: ProductOrder, *, sees_cost: bool) -> list[tuple[str, SafeString | str]]:
    figures: list[tuple[str, SafeString | str]] = [
        (_("Quantity"), format_count(order.quantity)),
        (_("Remains"), format_count(order.remains)),
        (_("Delivered goods"), format_count(order.goods_count if order.goods_at else None)),
    ]
    if sees_cost:
        figures.append((_("Charge"), describe_charge(order)))
    return figures


def _asked(order: ProductOrder, now: datetime) -> SafeString | str:
    if order.status not in LIVE:
        return ""
    at = last_checked(order, kind=PRODUCT_ORDERS.slug, tier_of=tier_of_product_order)
    return format_when(at, now).html if at else ""


def _delivery(order: ProductOrder, now: datetime) -> str:
    """Return how much of the order has been delivered, in a sentence; "" while there is nothing to say."""
    if order.goods_count:
        return _("%(count)s of %(of)s fetched %(when)s.") % {
            "count": format_count(order.goods_count),
            "of": format_count(order.quantity),
            "when": format_when(order.goods_at, now).text,
        }
    if not awaits_goods(order):
        return ""
    if order.goods_at is None:
        return _("Delivered. Fetching the goods now.")
    return _("No goods available when checked %(when)s. We’ll check again.") % {
        "when": format_when(order.goods_at, now).text
    }
