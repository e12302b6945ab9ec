"""Request refills by rule: every so many days while the window lasts, as the person who set the rule.

A request by rule is the same as one by hand: only where provider, service and order allow it and not before the
provider's pause is over. It is queued as a paid call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.aftercare.eligibility import refill_offer
from orders.aftercare.services import request_refills
from orders.models import Order, RefillWindow
from orders.permissions import orders_for
from panelhub import audit
from panelhub.background.worker import is_stopping

if TYPE_CHECKING:
    from django.http import HttpRequest

    from panelhub.background.jobs import Run

CHUNK: Final = 500
MOST_DAYS: Final = 365
TRIED_AGAIN: Final = timedelta(days=1)
"""When what was not possible is tried again: a refill that still runs, or the provider's pause."""
PERMISSION: Final = "orders.aftercare_order"
_NOTE: Final = 300


class NoRule(ValueError):
    """A rule can't be set; the text says why."""


def set_rule(
    order: Order, every_days: int | None, *, by: Any, request: HttpRequest | None = None, now: datetime | None = None
) -> RefillWindow:
    """Request a refill of an order every so many days while its window lasts; ``None`` stops that.

    The first request is made one interval from now. Raises :class:`NoRule` where the order can never be refilled, or
    has no window.
    """
    with transaction.atomic():
        window = RefillWindow.objects.select_for_update().filter(order=order).first()
        now = now or timezone.now()
        if every_days is not None:
            if window is None or not window.is_open(now):
                raise NoRule(_("This order has no open refill window. Set one first."))
            offer = refill_offer(order)
            if not offer.can and offer.until is None and not order.refills.exists():
                raise NoRule(offer.reason)
        if window is None:
            return RefillWindow(order=order)
        window.every_days = every_days
        window.rule_by = by if every_days is not None else window.rule_by
        window.request_at = None if every_days is None else now + timedelta(days=every_days)
        window.rule_note = ""
        window.save()
        audit.record(by, "order.refill_rule", order, request=request, every_days=every_days)
    return window


def request_due(run: Run, *, now: datetime | None = None) -> None:
    """Request all refills that are due by rule."""
    while not (run.is_lost or is_stopping()):
        figures = request_next(now or timezone.now())
        if not figures:
            return
        run.count(**figures)


def request_next(now: datetime) -> Counter[str]:
    """Request what is due of at most :data:`CHUNK` rules, person by person; returns figures.

    The rules are locked and moved on in the transaction that queues their requests, so two processes request none
    twice.
    """
    with transaction.atomic():
        due = RefillWindow.objects.filter(every_days__isnull=False, request_at__lte=now).order_by("request_at", "pk")
        keys = list(due.values_list("pk", flat=True)[:CHUNK])
        windows = list(
            RefillWindow.objects.filter(pk__in=keys, every_days__isnull=False, request_at__lte=now)
            .order_by("pk")
            .select_for_update()
        )
        if not windows:
            return Counter()
        by_person: dict[int, list[RefillWindow]] = defaultdict(list)
        for window in windows:
            by_person[window.rule_by_id or 0].append(window)
        people = get_user_model()._default_manager.in_bulk(by_person)
        figures: Counter[str] = Counter()
        for pk, mine in by_person.items():
            figures += _request(people.get(pk), mine, now)
        RefillWindow.objects.bulk_update(windows, ["every_days", "request_at", "rule_note"])
    return figures


def _request(person: Any, windows: list[RefillWindow], now: datetime) -> Counter[str]:
    """Request refills as ``person`` and say of each rule when it comes next, or why it stopped."""
    if person is None or not person.is_active or not person.has_perm(PERMISSION):
        name = person.get_username() if person else "?"
        for window in windows:
            _stop(window, _("%(person)s can no longer request refills.") % {"person": name})
        return Counter(stopped=len(windows))
    running = [window for window in windows if window.is_open(now)]
    for window in windows:
        if window not in running:
            _stop(window, _("The refill window ended."))
    done = request_refills(orders_for(person), by=person, ids=[window.pk for window in running])
    reasons = {pk: skipped.reason for skipped in done.skipped for pk in skipped.orders}
    for window in running:
        reason = reasons.get(window.pk, "")
        wait = TRIED_AGAIN if reason else timedelta(days=window.every_days or 1)
        window.request_at, window.rule_note = now + wait, reason[:_NOTE]
    return Counter(requested=done.created, waiting=len(reasons), stopped=len(windows) - len(running))


def _stop(window: RefillWindow, reason: str) -> None:
    window.every_days, window.request_at, window.rule_note = None, None, reason[:_NOTE]
