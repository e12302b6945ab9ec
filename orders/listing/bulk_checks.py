"""Check many orders with their providers now, before their turn: one message to the workers for each provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders import statuses
from orders.aftercare.services import Requested, batches_of
from orders.models import Order
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

TASK: Final = "orders.polling.tasks.check_orders"
MOST: Final = 1_000
"""Orders that are checked at once: a provider answers for a hundred in a call, and others wait for their turn."""


def check_all(
    orders: QuerySet[Order], *, by: Any, ids: Sequence[int] | None = None, request: HttpRequest | None = None
) -> Requested:
    """Have those of ``orders`` (those with ``ids``) checked that their provider knows, about :data:`MOST` of them."""
    done = Requested("check")
    for batch in batches_of(orders, ids, done):
        done.asked += len(batch)
        known: dict[int, list[int]] = defaultdict(list)
        rows = Order.objects.filter(pk__in=batch, external_id__isnull=False, status__in=sorted(statuses.AT_PROVIDER))
        for pk, provider_id in rows.order_by("pk").values_list("pk", "provider_id"):
            known[provider_id].append(pk)
        for provider_id, keys in known.items():
            notify_worker(TASK, provider_id, keys, queue=CLICKS)
        checked = {pk for keys in known.values() for pk in keys}
        done.orders += sorted(checked)
        done.rows += sorted(checked)
        for pk in batch:
            if pk not in checked:
                done.skip(pk, _("The order isn’t at its provider."))
        if len(done.rows) >= MOST:
            done.left = True
            break
    return done


def checked_message(count: int) -> str:
    """Say that ``count`` orders are being checked."""
    return ngettext(
        "Checking %(count)s order. The list updates when its provider responds.",
        "Checking %(count)s orders. The list updates when their providers respond.",
        count,
    )
