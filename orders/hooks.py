"""All that orders register with providers and panelhub at start: what lower apps show of orders, in one place."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_migrate, post_save
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import order_types, statuses
from orders.accounting.retention import DIAGNOSTIC_TABLES, ORDER_TABLES, remove_diagnostics, remove_orders
from orders.currency.exchange import price_columns, refresh_after, refresh_at_start
from orders.jobs import enter_jobs
from orders.metrics import read_order_metrics
from orders.models import ApiToken, Attempt, ExchangeRate, HubRules, Order, PollRound, ProviderDay
from orders.notifications.delivery import check_channels
from orders.notifications.services import notify_of_dead_parts, notify_of_handed_password
from orders.permissions import may_see_client, orders_for, sees_beyond
from orders.polling.rounds import BY_HAND
from orders.roles import ensure_roles, extend_roles
from orders.routes.late_truth import register_listeners
from orders.submission.call_types import CALL_TYPES
from panelhub.db.aggregates import CAP, CappedCount, MoneySum
from panelhub.launcher.startup import at_startup
from panelhub.monitoring.alarm import at_alarm
from panelhub.monitoring.doctor import register_check
from panelhub.monitoring.metrics import enter_metrics
from panelhub.monitoring.retention import Retention, register_retention
from panelhub.security.handed_passwords import password_handed
from panelhub.security.reach import register_comparison
from panelhub.security.sessions import register_token_ender
from panelhub.ui.formatting import badge, format_count, format_when
from providers.accounts.services import register_known_orders
from providers.catalogue.service_contexts import OpenOrder, register_open_orders
from providers.hooks import (
    Subject,
    Workload,
    register_order_types,
    register_subjects,
    register_words,
    register_workload,
)
from providers.hub_prices import register_hub_prices
from providers.models import Provider

PACE_DAYS: Final = 7
NEWEST_IDS: Final = 3
OPEN_ORDERS: Final = 10
WORDS: Final = 100
_OPEN: Final = (statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED, *sorted(statuses.OPEN))
_PAGES: Final = {"order": "orders:detail", "product_order": "orders:product_detail"}


def register_hooks() -> None:
    """Register everything here; called once, when the apps are ready."""
    enter_jobs()
    register_listeners()
    register_comparison(sees_beyond)
    password_handed.connect(notify_of_handed_password, dispatch_uid="orders.handed_passwords")
    enter_metrics(read_order_metrics)
    at_startup(ensure_roles, order=10)
    post_migrate.connect(extend_roles, dispatch_uid="orders.roles")
    register_known_orders(newest_order_ids)
    register_hub_prices(price_columns())
    for signal in (post_save, post_delete):
        for model in (ExchangeRate, HubRules):
            signal.connect(refresh_after, sender=model, dispatch_uid=f"orders.hub_rates.{model.__name__}")
    at_startup(refresh_at_start, order=35)
    register_open_orders(open_orders_of)
    register_workload(workload_of)
    register_subjects(subjects_of)
    register_words(state_words_of)
    register_order_types(lambda: {known.slug: known for known in order_types.TYPES.values()})
    at_alarm(notify_of_dead_parts)
    register_retention(
        Retention("orders", lazy("Orders, with their history"), "PANELHUB_ORDERS_DAYS", ORDER_TABLES, remove_orders)
    )
    register_retention(
        Retention(
            "diagnostics",
            lazy("Notifications and searches for orders"),
            "PANELHUB_DIAGNOSTICS_DAYS",
            DIAGNOSTIC_TABLES,
            remove_diagnostics,
        )
    )
    register_check("Channels", check_channels, needs_database=True)
    register_token_ender(switch_off_tokens, has_active_tokens)


def has_active_tokens(person: Any) -> bool:
    """Return whether a person has API tokens that are on."""
    return ApiToken.objects.filter(person=person.pk, is_active=True).exists()


def switch_off_tokens(person: Any) -> int:
    """Switch off the API tokens of a person; returns how many were on."""
    return ApiToken.objects.filter(person=person.pk, is_active=True).update(is_active=False)


def state_words_of(provider_id: int) -> list[tuple[str, int]]:
    """Return the provider's words of its open orders with their counts, the most frequent first; one statement."""
    rows = Order.objects.filter(provider=provider_id, status__in=statuses.OPEN).exclude(provider_status="")
    counted = rows.order_by().values_list("provider_status").annotate(n=Count("pk")).order_by("-n")
    return [(word, count) for word, count in counted[:WORDS]]


def workload_of(provider_id: int) -> Workload:
    """Return what may be sent to an account now, which questions are due, and what it spends; one statement."""
    now = timezone.now()
    figures: dict[str, Any] = {}
    for kind in CALL_TYPES:
        due = kind.model.objects.due(now).filter(**{kind.provider_path: OuterRef("pk")}).order_by()
        figures[f"n_{kind.slug}"] = CappedCount(due)
        figures[f"t_{kind.slug}"] = Subquery(due.order_by("id").values("created_at")[:1])
    poll_rounds = PollRound.objects.filter(provider=OuterRef("pk"), due_at__lte=Now()).exclude(
        tier=BY_HAND, started_at=None
    )
    figures["n_walks"] = Subquery(poll_rounds.order_by().values("provider").annotate(n=Count("pk")).values("n"))
    totals = ProviderDay.objects.filter(
        provider=OuterRef("pk"), day__gt=timezone.localdate() - timedelta(days=PACE_DAYS)
    ).exclude(status__in=("rejected", statuses.WITHDRAWN))
    figures["n_spent"] = Subquery(totals.order_by().values("provider").annotate(sum=MoneySum("charge")).values("sum"))
    row: Any = Provider.objects.filter(pk=provider_id).order_by().values(**figures).first()
    if row is None:
        return Workload()
    waits = [row[f"t_{kind.slug}"] for kind in CALL_TYPES if row[f"t_{kind.slug}"]]
    return Workload(
        clicks=min(CAP, sum(row[f"n_{kind.slug}"] for kind in CALL_TYPES)),
        background=row["n_walks"] or 0,
        oldest=min(waits, default=None),
        spent_a_day=(row["n_spent"] or Decimal(0)) / PACE_DAYS,
    )


def subjects_of(calls: Collection[uuid.UUID], reader: Any) -> Mapping[uuid.UUID, list[Subject]]:
    """Return the orders, refills, cancels and product orders of these calls, by the calls' tokens; one statement.

    Those for clients whose orders ``reader`` does not see are subjects without a name.
    """
    found: dict[uuid.UUID, list[Subject]] = {}
    tries = Attempt.objects.filter(call__in=list(calls)).order_by("id")
    rows = tries.values_list(
        *("call", "order_id", "refill__order_id", "cancellation__order_id", "product_order_id"), *Attempt.CLIENT_PATHS
    )
    for call, order, refilled, canceled, product_order, *clients in rows:
        pk = order or refilled or canceled
        page, key = ("order", pk) if pk else ("product_order", product_order)
        label = _("order #%(pk)s") % {"pk": key} if pk else _("product order #%(pk)s") % {"pk": key}
        subject = Subject(label, _address(_PAGES[page], key))
        if not may_see_client(reader, next((client for client in clients if client is not None), None)):
            subject = Subject("", "")
        found.setdefault(call, []).append(subject)
    return found


def _address(page: str, key: int) -> str:
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""


def newest_order_ids(provider: Provider) -> list[str]:
    """Return the provider's ids of the newest orders placed with ``provider``; empty when there are none."""
    placed = Order.objects.filter(provider=provider, external_id__isnull=False).order_by("-id")
    return [str(order) for order in placed.values_list("external_id", flat=True)[:NEWEST_IDS]]


def open_orders_of(reader: Any, service_id: int) -> Sequence[OpenOrder]:
    """Return up to ``OPEN_ORDERS`` of them, newest first; none for who may not see orders."""
    if not reader.has_perm("orders.view_order"):
        return ()
    found = orders_for(reader).filter(service_id=service_id, status__in=_OPEN).order_by("-id")
    now = timezone.now()
    return [
        OpenOrder(
            url=reverse("orders:detail", args=[pk]),
            name=f"#{pk}",
            badge=badge(status),
            quantity=format_count(quantity),
            when=format_when(at, now).html,
        )
        for pk, status, quantity, at in found.values_list("pk", "status", "quantity", "created_at")[:OPEN_ORDERS]
    ]
