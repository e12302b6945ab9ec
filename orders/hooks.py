"""What this app tells the pages of provider accounts: what waits there, what is spent, what a call was about."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Now
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, DailyTotal, Walk
from orders.polling.rounds import BY_HAND
from orders.submission.call_types import KINDS
from panelhub.db.capped_count import CAP, CappedCount
from panelhub.db.money_sum import MoneySum
from providers.hooks import Subject, Workload
from providers.models import Provider

PACE_DAYS: Final = 7
_PAGES: Final = {"order": "orders:detail", "product_order": "orders:product_detail"}


def workload_of(provider_id: int) -> Workload:
    """What may be sent to an account now, which questions are due, and what it spends; one statement."""
    now = timezone.now()
    figures: dict[str, Any] = {}
    for kind in KINDS:
        due = kind.model.objects.due(now).filter(**{kind.provider_path: OuterRef("pk")}).order_by()
        figures[f"n_{kind.slug}"] = CappedCount(due)
        figures[f"t_{kind.slug}"] = Subquery(due.order_by("id").values("created_at")[:1])
    walks = Walk.objects.filter(provider=OuterRef("pk"), due_at__lte=Now()).exclude(tier=BY_HAND, started_at=None)
    figures["n_walks"] = Subquery(walks.order_by().values("provider").annotate(n=Count("pk")).values("n"))
    totals = DailyTotal.objects.filter(
        provider=OuterRef("pk"), day__gt=timezone.localdate() - timedelta(days=PACE_DAYS)
    ).exclude(status__in=("rejected", statuses.WITHDRAWN))
    figures["n_spent"] = Subquery(totals.order_by().values("provider").annotate(sum=MoneySum("charge")).values("sum"))
    row: Any = Provider.objects.filter(pk=provider_id).order_by().values(**figures).first()
    if row is None:
        return Workload()
    waits = [row[f"t_{kind.slug}"] for kind in KINDS if row[f"t_{kind.slug}"]]
    return Workload(
        clicks=min(CAP, sum(row[f"n_{kind.slug}"] for kind in KINDS)),
        background=row["n_walks"] or 0,
        oldest=min(waits, default=None),
        spent_a_day=(row["n_spent"] or Decimal(0)) / PACE_DAYS,
    )


def subjects_of(calls: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[Subject]]:
    """The orders, refills, cancels and product orders of these calls, by the calls' tokens; one statement."""
    found: dict[uuid.UUID, list[Subject]] = {}
    tries = Attempt.objects.filter(call__in=list(calls)).order_by("id")
    rows = tries.values_list("call", "order_id", "refill__order_id", "cancellation__order_id", "product_order_id")
    for call, order, refilled, canceled, product_order in rows:
        pk = order or refilled or canceled
        page, key = ("order", pk) if pk else ("product_order", product_order)
        label = _("order #%(pk)s") % {"pk": key} if pk else _("product order #%(pk)s") % {"pk": key}
        found.setdefault(call, []).append(Subject(label, _address(_PAGES[page], key)))
    return found


def _address(page: str, key: int) -> str:
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""
