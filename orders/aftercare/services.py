"""Request refills and cancels: of one order, a selection, or all that a filter finds.

A request is committed as a queued row before anyone is notified; :mod:`orders.submission.services` sends the rows in as
few calls as the provider allows. A cancel is a request until a state says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders import statuses
from orders.aftercare.eligibility import (
    CANCEL,
    REFILL,
    REQUESTS,
    Offer,
    Request,
    cancel_offer,
    cancel_offers,
    offers,
    refill_offer,
    refill_offers,
)
from orders.link_hooks import lock_chains_of, stop_chains
from orders.models import Cancellation, Order, OrderEvent, Refill
from orders.submission.call_types import CANCELLATIONS, REFILLS, CallType
from orders.submission.row_moves import event_for
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

__all__ = [
    "CANCEL",
    "REFILL",
    "REQUESTS",
    "Offer",
    "Requested",
    "Skipped",
    "batches_of",
    "cancel_offer",
    "cancel_offers",
    "refill_offer",
    "refill_offers",
    "request_all",
    "request_cancels",
    "request_refills",
    "withdraw_request",
]

BATCH: Final = 1_000
MOST: Final = 20_000
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Skipped:
    """Orders for which nothing was requested, for one and the same reason."""

    reason: str
    orders: tuple[int, ...]


@dataclass(slots=True)
class Requested:
    """The outcome of one wish for many orders: keys of orders, and of the rows that were made.

    ``left`` is true when the filter found more than is done at once; ``missing`` are ids that lead to no order.
    """

    slug: str
    asked: int = 0
    orders: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    left: bool = False
    missing: set[int] = field(default_factory=set)
    _reasons: dict[str, list[int]] = field(default_factory=dict)

    @property
    def created(self) -> int:
        """How many requests were made."""
        return len(self.rows)

    @property
    def skipped(self) -> list[Skipped]:
        """Return what was not requested, by reason, the most frequent first."""
        by_size = sorted(self._reasons.items(), key=lambda pair: -len(pair[1]))
        return [Skipped(reason, tuple(orders)) for reason, orders in by_size]

    def skip(self, order_id: int, reason: str) -> None:
        """Note that nothing was requested for an order."""
        self._reasons.setdefault(reason, []).append(order_id)


def request_refills(
    orders: QuerySet[Order], *, by: Any, ids: Sequence[int] | None = None, request: HttpRequest | None = None
) -> Requested:
    """Request a refill of each of ``orders`` (or of those among them with ``ids``) that can have one."""
    return request_all(REFILL, orders, by=by, ids=ids, request=request)


def request_cancels(
    orders: QuerySet[Order], *, by: Any, ids: Sequence[int] | None = None, request: HttpRequest | None = None
) -> Requested:
    """Request a cancel of each of ``orders`` (or of those among them with ``ids``) that can be canceled."""
    return request_all(CANCEL, orders, by=by, ids=ids, request=request)


def request_all(
    wish: Request,
    orders: QuerySet[Order],
    *,
    by: Any,
    ids: Sequence[int] | None = None,
    request: HttpRequest | None = None,
) -> Requested:
    """Request ``wish`` for each of ``orders`` that can have it, in batches of constant statements.

    ``orders`` is what ``by`` may see; an id that is not in it is skipped like one that does not
    exist. Everything is committed, batch by batch, when this returns.
    """
    done = Requested(wish.slug)
    for batch in batches_of(orders, ids, done):
        done.asked += len(batch)
        _request_batch(wish, batch, done, by=by, request=request)
    return done


def batches_of(orders: QuerySet[Order], ids: Sequence[int] | None, done: Requested) -> Iterator[list[int]]:
    """Yield keys of ``orders``, of those with ``ids`` when given, a batch at a time.

    Ids that lead to none are skipped.
    """
    plain = orders.order_by("pk")
    if ids is not None:
        wanted = sorted(set(ids))
        for start in range(0, min(len(wanted), MOST), BATCH):
            chunk = wanted[start : start + BATCH]
            found = list(plain.filter(pk__in=chunk).values_list("pk", flat=True))
            for missing in set(chunk) - set(found):
                done.asked += 1
                done.missing.add(missing)
                done.skip(missing, _("This order doesn’t exist."))
            yield found
        done.left = len(wanted) > MOST
        return
    last, seen = 0, 0
    while True:
        batch = list(plain.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH])
        if not batch:
            return
        if seen >= MOST:
            done.left = True
            return
        yield batch
        last, seen = batch[-1], seen + len(batch)


def _request_batch(wish: Request, ids: list[int], done: Requested, *, by: Any, request: HttpRequest | None) -> None:
    for attempt in range(_TRIES):
        try:
            skipped, made = _create(wish, ids, by=by, request=request)
        except IntegrityError:
            # Someone requested one of these by another way, without our lock; now we see it.
            if attempt == _TRIES - 1:
                raise
            continue
        for order_id, reason in skipped:
            done.skip(order_id, reason)
        done.rows += [row.pk for row in made]
        done.orders += [row.order_id for row in made]
        return


def _create(
    wish: Request, ids: list[int], *, by: Any, request: HttpRequest | None
) -> tuple[list[tuple[int, str]], list[Any]]:
    """Make the requests of one batch; the orders are locked so that two people's clicks come one after the other."""
    with transaction.atomic():
        is_chained = wish.kind is CANCELLATIONS and bool(lock_chains_of(ids))
        orders = list(Order.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        offered = offers(wish, orders)
        skipped = [(pk, offer.reason) for pk, offer in offered.items() if not offer.can]
        chosen = [order for order in orders if offered[order.pk].can]
        made = wish.kind.model.objects.bulk_create(
            [wish.kind.model(order=order, created_by=by, status=statuses.QUEUED) for order in chosen]
        )
        if is_chained:
            stop_chains([order.pk for order in chosen], by=by)
        now = timezone.now()
        OrderEvent.objects.bulk_create(
            [event_for(wish.kind, row, at=now, after=statuses.QUEUED, actor=by) for row in made]
        )
        if made:
            target = chosen[0] if len(ids) == 1 else None
            audit.record(
                by, f"order.{wish.slug}", target, request=request, asked=len(ids), orders=[order.pk for order in chosen]
            )
        for provider_id in sorted({order.provider_id for order in chosen}):
            notify_worker("orders.submission.tasks.submit_provider", provider_id, queue=CLICKS)
    return skipped, made


def call_type_of(row: Refill | Cancellation) -> CallType:
    """Return the kind of paid call that ``row`` is."""
    return REFILLS if isinstance(row, Refill) else CANCELLATIONS


def withdraw_request(row: Refill | Cancellation, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Take a refill or cancel back before it is sent; ``False`` when it was too late."""
    kind = call_type_of(row)
    with transaction.atomic():
        moved = kind.model.objects.filter(pk=row.pk, status=statuses.QUEUED).update(
            status=statuses.WITHDRAWN, claim=None, finished_at=timezone.now()
        )
        if moved:
            event_for(kind, row, before=statuses.QUEUED, after=statuses.WITHDRAWN, actor=by).save()
            audit.record(by, f"{kind.slug}.withdrawn", row, request=request, order=row.order_id)
    return bool(moved)


def describe_refills(count: int) -> str:
    """Say that ``count`` refills are queued."""
    return ngettext("%(count)s refill request is queued.", "%(count)s refill requests are queued.", count)


def describe_cancels(count: int) -> str:
    """Say that ``count`` cancels are queued."""
    return ngettext(
        "%(count)s cancel request is queued. We’ll update the order when the provider responds.",
        "%(count)s cancel requests are queued. We’ll update the orders when the providers respond.",
        count,
    )
