"""Move rows whose call was not made or not recorded, and write the line of the timeline that every move leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from orders import statuses
from orders.link_hooks import links_changed, lock_chains_of
from orders.models import Attempt, OrderEvent
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS, CallType
from orders.submission.results import CallOutcome

if TYPE_CHECKING:
    import uuid
    from datetime import datetime


def event_for(
    kind: CallType,
    row: Any,
    *,
    at: datetime | None = None,
    event: str = "",
    before: str = "",
    after: str = "",
    words: str = "",
    actor: Any = None,
    data: dict[str, Any] | None = None,
) -> OrderEvent:
    """A line of the timeline that ``row`` belongs to: its own, or its order's."""
    kinds = {"order": "state", "product_order": "state", "refill": "refill", "cancellation": "cancel"}
    line = OrderEvent(
        at=at or timezone.now(),
        kind=event or kinds[kind.slug],
        actor=actor,
        before=before,
        after=after,
        words=words[:1000],
        data=data or {},
    )
    if kind is PRODUCT_ORDERS:
        line.product_order_id = row.pk
    else:
        line.order_id = row.pk if kind is ORDERS else row.order_id
    return line


def refuse_unsent(kind: CallType, pk: int, reason: str) -> bool:
    """Refuse a queued row that no call can be made for; nothing was sent."""
    with transaction.atomic():
        moved = kind.model.objects.filter(pk=pk, status=statuses.QUEUED).update(
            status=kind.machine.refused, error=reason[:1000], finished_at=timezone.now()
        )
        if moved:
            row = kind.model.objects.get(pk=pk)
            event_for(kind, row, before=statuses.QUEUED, after=kind.machine.refused, words=reason).save()
    return bool(moved)


def hold_unsent(kind: CallType, pk: int, held_for: str, reason: str) -> bool:
    """Hold a queued row for a person before anything was sent."""
    with transaction.atomic():
        moved = kind.model.objects.filter(pk=pk, status=statuses.QUEUED).update(
            status=statuses.HELD, held_for=held_for, error=reason[:1000]
        )
        if moved:
            row = kind.model.objects.get(pk=pk)
            event_for(kind, row, before=statuses.QUEUED, after=statuses.HELD, words=reason).save()
    return bool(moved)


def drop_claim(kind: CallType, token: uuid.UUID) -> None:
    """Put rows back whose claim went stale before anything was sent."""
    with transaction.atomic():
        ids = list(kind.model.objects.filter(claim=token, status=statuses.SENDING).values_list("pk", flat=True))
        is_chained = kind is ORDERS and bool(lock_chains_of(ids))
        kind.model.objects.filter(pk__in=ids, claim=token, status=statuses.SENDING).update(
            status=statuses.QUEUED, claim=None, claimed_at=None
        )
        Attempt.objects.filter(call=token, finished_at=None).update(
            outcome=CallOutcome.NOT_SENT, detail="the claim went stale before the call", finished_at=timezone.now()
        )
        if is_chained:
            links_changed(ids)
