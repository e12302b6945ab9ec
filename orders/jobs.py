"""The jobs of orders, as people see and start them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import PollRound
from orders.polling.subjects import ORDERS, PRODUCT_ORDERS, REFILLS, Tracked
from panelhub.background.dispatch import publish
from panelhub.background.job_registry import Job, enter_job
from panelhub.schedule import CLICKS, all_ticks
from providers.models import Provider


def _poll_now(tracked: Tracked, task: str) -> None:
    """Make every poll round of a kind due, and have the workers run them."""
    PollRound.objects.filter(kind=tracked.slug).update(due_at=Now())
    for pk in Provider.objects.active().values_list("pk", flat=True):
        publish(task, pk)


def enter_jobs() -> None:
    """Enter the jobs of this app into the list."""
    intervals = {tick.task: timedelta(seconds=tick.every) for tick in all_ticks()}
    for tracked, task, label, about in (
        (ORDERS, "sync_statuses", _("Order statuses"), _("Checks order statuses, newer and active orders more often.")),
        (REFILLS, "sync_refills", _("Refill statuses"), _("Checks refill statuses.")),
        (PRODUCT_ORDERS, "sync_product_orders", _("Product order statuses"), _("Checks product order statuses.")),
    ):
        every = intervals[f"orders.polling.tasks.{task}_due"]
        enter_job(Job(tracked.job, label, about, every, partial(_poll_now, tracked, f"orders.polling.tasks.{task}")))
    for slug, task, label, about in (
        (
            "submit_orders",
            "orders.submission.tasks.submit_due",
            _("Sending"),
            _("Sends queued orders."),
        ),
        (
            "sweep_chains",
            "orders.routes.tasks.sweep_chains",
            _("Routes"),
            _("Continues orders placed through routes."),
        ),
        (
            "search_window",
            "orders.settlement.tasks.settle_due",
            _("Searches for unconfirmed orders"),
            _("Searches nearby IDs for unconfirmed orders."),
        ),
        (
            "reconcile",
            "orders.accounting.tasks.reconcile_due",
            _("Reconciliation"),
            _("Detects top-ups and compares charges."),
        ),
        (
            "place_mass_orders",
            "orders.mass.tasks.place_due",
            _("Mass orders"),
            _("Continues mass orders that still have lines to place."),
        ),
        (
            "refill_care",
            "orders.aftercare.tasks.care_for_refills",
            _("Refill care"),
            _("Counts refill windows and requests refills by rule."),
        ),
        (
            "find_slow_orders",
            "orders.aftercare.tasks.find_slow_orders",
            _("Slow orders"),
            _("Finds orders that take far longer than their service usually does."),
        ),
        (
            "make_scheduled_orders",
            "orders.schedules.tasks.make_due",
            _("Scheduled orders"),
            _("Places scheduled orders when they are due."),
        ),
        (
            "fetch_goods",
            "orders.products.tasks.fetch_goods_due",
            _("Delivered goods"),
            _("Fetches delivered goods and stores them encrypted."),
        ),
        (
            "rewrite_clients",
            "orders.clients.tasks.rewrite_clients",
            _("Client names"),
            _("Updates orders after a client was renamed or anonymised."),
        ),
        (
            "fetch_rates",
            "orders.currency.tasks.fetch_rates",
            _("Exchange rates"),
            _("Fetches exchange rates, if enabled."),
        ),
        (
            "refresh_totals",
            "orders.statistics.tasks.refresh_totals",
            _("Daily totals"),
            _("Updates the dashboard figures."),
        ),
        (
            "refresh_quality",
            "orders.statistics.tasks.refresh_quality",
            _("Measured performance"),
            _("Measures how services performed on recent orders."),
        ),
        (
            "watch",
            "orders.notifications.tasks.watch",
            _("Notifications"),
            _("Detects events and sends notifications."),
        ),
    ):
        enter_job(Job(slug, label, about, intervals[task], partial(publish, task, queue=CLICKS)))  # type: ignore[arg-type]
