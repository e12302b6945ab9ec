"""Coming to rest: what is queued goes out, what was lost is searched for, and people settle what is left."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max
from django.utils import timezone

from orders.models import Cancellation, Order, ProductOrder, Refill, WindowSearch
from orders.settlement import search_jobs
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt
from orders.settlement.evidence import evidence
from orders.settlement.id_confirmation import confirm, due_adoptions
from orders.settlement.id_window import SLACK
from orders.settlement.services import CannotSettle
from orders.submission.call_types import CALL_TYPES
from providers.models import Provider
from tests.helpers.conservation import NEVER_TAKEN, PERHAPS_TAKEN

if TYPE_CHECKING:
    from providers.sandbox import Sandbox

LOOK_SECONDS: Final = 0.5
WHY: Final = "seen on the panel's own page"


def wait_for_rest(*, until: float, look: Callable[[], object]) -> dict[str, int]:
    """Wait until nothing is queued or on its way, calling `look` now and then; what was left at `until`, by state."""
    while True:
        busy = _busy()
        if not busy or time.monotonic() > until:
            return busy
        look()
        time.sleep(LOOK_SECONDS)


def _busy() -> dict[str, int]:
    busy: Counter[str] = Counter()
    for kind in CALL_TYPES:
        for state in ("queued", "sending"):
            rows = kind.model.objects.filter(status=state, **{f"{kind.provider_path}__is_active": True})
            busy[f"{kind.slug} {state}"] += rows.count()
    return dict(+busy)


def search_for_all(*, until: float) -> int:
    """Have every unconfirmed order searched for when it can no longer be accepted late; those that were not."""
    lost = Order.objects.filter(status="unconfirmed", provider__is_active=True)
    newest = lost.aggregate(newest=Max("claimed_at"))["newest"] or timezone.now()
    settled_at = newest + 2 * SLACK + timedelta(seconds=1)
    while timezone.now() < settled_at and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    # A person asks for it once more: what broke off under faults, and what the hub looks at again much later.
    for order in lost.select_related("provider"):
        search_jobs.ask_for_search(order)
    while (waiting := search_jobs.start_due_searches()) and time.monotonic() < until:
        for provider in Provider.objects.filter(pk__in=waiting):
            if not search_jobs.run_searches(provider):
                time.sleep(LOOK_SECONDS)  # a worker is at it
    return WindowSearch.objects.filter(finished_at=None, order__in=lost).count()


def settle_all(box: Sandbox, providers: Sequence[Provider], *, by: Any) -> Counter[str]:
    """Settle every unconfirmed row as a person would, who may look at the panels' own pages; how many in which way."""
    ways: Counter[str] = Counter()
    for order in Order.objects.filter(status="unconfirmed", provider__in=providers).select_related(
        "provider", "service__provider"
    ):
        ways[_settle_order(box, order, by=by)] += 1
    for product_order in ProductOrder.objects.filter(status="unconfirmed", provider__in=providers):
        ways[_settle_product_order(box, product_order, by=by)] += 1
    for model in (Refill, Cancellation):
        for row in model.objects.filter(status="unconfirmed", order__provider__in=providers).select_related(
            "order__provider"
        ):
            ways[_settle_aftercare(box, row, by=by)] += 1
    for pk in due_adoptions():
        confirm(pk)
    return +ways


def _settle_order(box: Sandbox, order: Order, *, by: Any) -> str:
    panel = box.panel(order.provider.dialect)
    search = WindowSearch.objects.filter(order=order, finished_at__isnull=False).order_by("-id").first()
    verdict = search_jobs.verdict_on(order, search, evidence(order))
    fitting = [str(found["id"]) for found in verdict.fitting]
    true = {str(one.id) for one in panel.orders.values() if one.link == order.link}
    if verdict.state == "found" and fitting:
        if fitting[0] not in true:
            return "orders: found by the search, WRONGLY"
        return _adopt(order, fitting[0], by, "orders: found by the search")
    if chosen := [one for one in fitting if one in true]:
        return _adopt(order, chosen[0], by, "orders: listed by the search, chosen by a person")
    if true:
        return _adopt(order, min(true), by, f"orders: adopted by hand (search: {verdict.state})")
    settlement_services.mark_not_placed(order, by=by, reason=WHY)
    return "orders: not placed" + (", although the search listed others" if fitting else "")


def _adopt(row: Any, external_id: str, by: Any, way: str) -> str:
    try:
        adopt(row, external_id=external_id, by=by, reason=WHY)
    except CannotSettle as why:
        return f"{way}, but: {why}"
    return way


def _settle_product_order(box: Sandbox, row: ProductOrder, *, by: Any) -> str:
    panel = box.panel(row.provider.dialect)
    for one in box.ledger.product_orders(panel.slug):
        if one.require == row.require:
            return _adopt(row, str(one.id), by, "product orders: adopted by hand")
    settlement_services.mark_not_placed(row, by=by, reason=WHY)
    return "product orders: not placed"


def _settle_aftercare(box: Sandbox, row: Any, *, by: Any) -> str:
    slug = row.order.provider.dialect
    name = "refills" if isinstance(row, Refill) else "cancels"
    there = box.ledger.refills(slug) if isinstance(row, Refill) else box.ledger.cancels(slug)
    taken = sum(1 for one in there if str(one.order) == row.order.external_id)
    ours = type(row).objects.filter(order=row.order).exclude(status__in=NEVER_TAKEN | PERHAPS_TAKEN).count()
    with suppress(CannotSettle):
        if taken > ours:
            settlement_services.accept_without_id(row, by=by, reason=WHY)
            return f"{name}: accepted"
        settlement_services.mark_not_placed(row, by=by, reason=WHY)
        return f"{name}: not accepted"
    return f"{name}: could not be settled"
