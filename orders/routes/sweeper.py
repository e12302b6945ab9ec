"""Find the chains that may be due for a step, whoever forgot to say so, and take each step in its own transaction."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone

from orders import statuses
from orders.models import Chain, Order
from orders.routes.steps import step_chain
from orders.submission.call_types import HELD_SERVICE

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
_ENDED: Final = sorted(set(statuses.OrderStatus.values) - statuses.IN_HAND - statuses.OPEN)
_CLOSED: Final = ~Q(provider__pause_kind="") | Q(provider__is_active=False) | Q(service__hold_reason=HELD_SERVICE)


def due_chains() -> QuerySet[Order, int | None]:
    """Return keys of active chains whose last order ended or waits for a closed provider.

    Those with an earlier order that is open again, too.
    """
    now = timezone.now()
    is_due = Q(chain__due_at=None) | Q(chain__due_at__lte=now)
    is_last = Q(successor__isnull=True) & (Q(status__in=_ENDED) | (Q(status=statuses.QUEUED) & _CLOSED))
    is_reopened = Q(successor__isnull=False, status__in=sorted(statuses.IN_HAND | statuses.OPEN))
    links = Order.objects.filter(is_due, is_last | is_reopened, chain__status=Chain.Status.ACTIVE)
    return links.order_by("chain").values_list("chain", flat=True).distinct()


def sweep_chains() -> Counter[str]:
    """Take the steps that are due; figures by what was done. One that fails is logged and stops no other."""
    done: Counter[str] = Counter()
    for pk in list(due_chains()[:AT_ONCE]):
        if pk is None:
            continue
        try:
            step = step_chain(pk)
        except Exception:
            log.exception("The step of chain %s failed", pk)
            done["failed"] += 1
            continue
        done["waiting" if step is None else step.reason] += 1
    return done
