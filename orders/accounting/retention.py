"""Removing old orders, when that is set: those that ended, and that no dispute and no open balance needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from orders import statuses
from orders.models import (
    Attempt,
    Cancellation,
    ChargeDelta,
    Delivery,
    MassLine,
    MassOrder,
    Notice,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
    Schedule,
    ScheduledRun,
    Settlement,
    WindowSearch,
)
from panelhub.monitoring.retention import delete_step
from providers.models import BalanceReading

ENDED: Final = statuses.FINAL | {"rejected", statuses.WITHDRAWN, statuses.GIVEN_UP}
ORDER_TABLES: Final = (
    Order, ProductOrder, Refill, Cancellation, Attempt, OrderEvent, ChargeDelta, MassOrder, MassLine, Settlement,
    BalanceReading, ScheduledRun,
)  # fmt: skip
DIAGNOSTIC_TABLES: Final = (WindowSearch, Notice, Delivery)


def remove_orders(before: datetime, most: int) -> int:
    """Remove at most ``most`` orders, orders of products and uploads that ended before a moment; returns how many.

    What a person settled, what was bought twice, and what has a refill or cancel on its way stays. Daily totals
    and entries of the ledger stay in any case.
    """
    removed = 0
    for model, subject in ((Order, "order"), (ProductOrder, "product_order")):
        with transaction.atomic():
            keys = list(_ended(model, subject, before).order_by("pk").values_list("pk", flat=True)[: most - removed])
            if keys:
                _remove_what_belongs(subject, keys)
                model.objects.filter(pk__in=keys).delete()
            removed += len(keys)
        if removed >= most:
            return removed
    empty = MassOrder.objects.filter(~Exists(Order.objects.filter(mass_order=OuterRef("pk"))), created_at__lt=before)
    return removed + (
        delete_step(empty, most - removed)
        or delete_step(_passed_runs(before), most - removed)
        or _remove_readings(before, most - removed)
    )


def _passed_runs(before: datetime) -> QuerySet[ScheduledRun]:
    """Times of schedules whose order is gone; while one that is spread over days goes on, they are counted."""
    counted = Q(schedule__repeat=Schedule.Repeat.SPREAD) & ~Q(schedule__status=Schedule.Status.ENDED)
    return ScheduledRun.objects.filter(~counted, order=None, due_at__lt=before)


def _remove_readings(before: datetime, most: int) -> int:
    """Readings of balances are compared with orders: without these they say nothing. The last one before stays."""
    old = BalanceReading.objects.filter(at__lt=before)
    last = old.order_by().values("provider").annotate(last=Max("pk")).values_list("last", flat=True)
    return delete_step(old.exclude(pk__in=list(last)), most)


def _ended(model: Any, subject: str, before: datetime) -> QuerySet[Any]:
    quiet = Q()
    for moment in ("finished_at", "moved_at", "reopened_at"):
        quiet &= Q(**{f"{moment}__isnull": True}) | Q(**{f"{moment}__lt": before})
    rows = model.objects.filter(quiet, status__in=ENDED, created_at__lt=before).filter(
        ~Exists(Settlement.objects.filter(**{subject: OuterRef("pk")})),
        ~Exists(Attempt.objects.filter(**{subject: OuterRef("pk")}).exclude(late_id="")),
    )
    if model is not Order:
        return rows  # type: ignore[no-any-return]
    # The orders of a chain prove what it bought: they stay together.
    rows = rows.filter(chain__isnull=True)
    open_refill = Q(status__in=statuses.REFILL_OPEN | statuses.UNSENT | {statuses.SENDING, statuses.UNCONFIRMED})
    open_cancel = Q(status__in=statuses.UNSENT | {statuses.SENDING, statuses.UNCONFIRMED})
    of_order = {"order": OuterRef("pk")}
    return rows.filter(  # type: ignore[no-any-return]
        ~Exists(Refill.objects.filter(open_refill, **of_order)),
        ~Exists(Cancellation.objects.filter(open_cancel, **of_order)),
        ~Exists(Settlement.objects.filter(Q(refill__order=OuterRef("pk")) | Q(cancellation__order=OuterRef("pk")))),
    )


def _remove_what_belongs(subject: str, keys: list[int]) -> None:
    tries = Q(**{f"{subject}__in": keys})
    if subject == "order":
        tries |= Q(refill__order__in=keys) | Q(cancellation__order__in=keys)
    Attempt.objects.filter(tries).delete()
    if subject == "order":
        Refill.objects.filter(order__in=keys).delete()
        Cancellation.objects.filter(order__in=keys).delete()


def remove_diagnostics(before: datetime, most: int) -> int:
    """Remove at most ``most`` id searches and notifications that were over before a moment; returns how many."""
    searches = WindowSearch.objects.filter(finished_at__lt=before)
    removed = delete_step(searches, most)
    return removed or delete_step(Notice.objects.filter(ended_at__lt=before), most)
