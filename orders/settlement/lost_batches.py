"""One lost reply of a batch leaves up to a hundred rows unconfirmed: they are checked, shown and settled together.

Refills and cancels go out in batches; the rows of one call share its token. Each row is still settled by itself, under
its own lock, so one that someone else has settled meanwhile is left out and named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from orders import statuses
from orders.models import Attempt, Order, RefillSearch
from orders.polling import services as polling_services
from orders.settlement import refill_search
from orders.settlement.contexts import rows_for
from orders.settlement.services import CannotSettle
from orders.submission.call_types import title_of
from panelhub.audit.services import record
from panelhub.background.dispatch import notify_worker
from panelhub.redaction import hide_amounts
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from providers.models import Provider

TASK: Final = "orders.settlement.tasks.check_lost_batch"
BATCHED: Final = ("refill", "cancellation")
MOST_ROWS: Final = 500
ENDED_BY_CANCEL: Final = frozenset({"canceled", "partial"})


@dataclass(slots=True)
class Settled:
    """What was settled together: the rows that were, and how many were not, by the sentence that says why."""

    rows: list[Any] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def rows_of_call(user: Any, slug: str, call: uuid.UUID) -> QuerySet[Any]:
    """Return the rows of one call that are still unconfirmed and that ``user`` sees."""
    rows = rows_for(user, slug).filter(claim=call, status=statuses.UNCONFIRMED)
    return rows.select_related("order__provider", "order__service").defer("order__provider__api_key").order_by("pk")


def settle_together(
    rows: Iterable[Any],
    *,
    decide: Callable[..., Any],
    by: Any,
    reason: str,
    request: HttpRequest | None = None,
) -> Settled:
    """Settle each of ``rows`` by ``decide``, with one reason for all."""
    done = Settled()
    for row in rows:
        try:
            decide(row, by=by, reason=reason, request=request)
        except CannotSettle as refusal:
            done.skipped[str(refusal)] += 1
        else:
            done.rows.append(row)
    return done


def ask_for_check(rows: Sequence[Any], *, call: uuid.UUID, by: Any, request: HttpRequest | None = None) -> None:
    """Have a worker poll the orders of a lost batch."""
    record(by, "batch.checked", rows[0], request=request, rows=len(rows))
    notify_worker(TASK, str(call), queue=CLICKS)


def provider_of_call(call: uuid.UUID | str) -> Provider | None:
    """Return the provider that a call went to."""
    attempt = Attempt.objects.filter(call=call).select_related("provider").first()
    return attempt.provider if attempt is not None else None


def check_orders(call: uuid.UUID | str) -> float | None:
    """Poll the orders of a lost batch and search for its refills.

    Return the seconds until the budget allows it, when it does not now.
    """
    provider = provider_of_call(call)
    if provider is None:
        return None
    keys = Attempt.objects.filter(call=call).values_list("refill__order", "cancellation__order")
    orders = Order.objects.filter(pk__in={key for pair in keys for key in pair if key is not None})
    again_in = polling_services.check_orders_now(provider, orders).again_in
    if again_in is None and Attempt.objects.filter(call=call, refill__isnull=False).exists():
        return refill_search.search_refills(provider, call)
    return again_in


def describe(row: Any, slug: str) -> tuple[bool, str]:
    """Return whether the row's order bears out that the call was taken, and the order's state in words."""
    order = row.order
    moved = order.moved_at is not None and row.claimed_at is not None and order.moved_at > row.claimed_at
    return slug == "cancellation" and moved and order.status in ENDED_BY_CANCEL, str(order.get_status_display())


def _words_of(row: Any, user: Any) -> str:
    return str(row.error if user.has_perm("orders.view_cost") else hide_amounts(row.error))


def context_of(rows: Sequence[Any], *, slug: str, user: Any) -> dict[str, Any]:
    """Return what the page of a lost batch shows: each row, what its order says, and what that suggests."""
    search = RefillSearch.objects.filter(call=rows[0].claim).first() if rows and slug == "refill" else None
    shown = [(row, title_of(row), *describe(row, slug)) for row in rows]
    return {
        "kind": slug,
        "rows": [
            {"pk": row.pk, "order": row.order_id, "title": title, "is_borne_out": borne_out, "says": says}
            for row, title, borne_out, says in shown
        ],
        "borne_out": sum(borne_out for _row, _title, borne_out, _says in shown),
        "words": _words_of(rows[0], user) if rows else "",
        "search": refill_search.describe_search(search, len(rows)) if search else "",
        "search_fits": search is not None and refill_search.is_borne_out(search, len(rows)),
        "provider": rows[0].order.provider.name if rows else "",
        "may_settle": user.has_perm("orders.settle_order"),
    }
