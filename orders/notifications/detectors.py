"""Detectors: find in the database what people should be notified of; each is one statement, and reads no secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from orders import statuses
from orders.models import Order, ProductOrder, RefillWindow, Schedule, ScheduledRun, Ticket
from orders.placement.spending_limits import SECOND_PERSON
from orders.submission.call_types import CALL_TYPES as PAID_KINDS
from panelhub.models import HandedPassword
from panelhub.monitoring.health import find_silent
from panelhub.security.handed_passwords import MARKED_FOR
from panelhub.ui.formatting import money_text
from providers.models import CatalogueHold, Provider, Service

UNCONFIRMED_FOR: Final = timedelta(minutes=15)
MISSED_FOR: Final = timedelta(days=1)
REFILL_ENDS_WITHIN: Final = timedelta(days=2)
DOWN_FOR: Final = timedelta(minutes=3)
# Of one kind at one look; a day when everything breaks must not fill the database with notices.
MOST: Final = 500
BACKEND: Final = "panelhub.security.backends.RoleBackend"
TEXT_LENGTH: Final = 200
_SETTLED_BY_PEOPLE: Final = ("", Provider.Pause.BY_HAND, Provider.Pause.NEW_KEY, Provider.Pause.NO_FUNDS)
WHAT: Final = {
    "order": gettext_noop("Order"),
    "refill": gettext_noop("Refill"),
    "cancellation": gettext_noop("Cancellation"),
    "product_order": gettext_noop("Product order"),
}
PARTS: Final = {
    "clicks": gettext_noop("order workers"),
    "background": gettext_noop("background workers"),
    "schedule": gettext_noop("the schedule"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is the case. ``key`` identifies it within its type; ``params`` fill the type's sentence."""

    key: str
    provider_id: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    """With ``reader``, the key of a person, no one else gets the notice. With ``client``, those alone who see orders
    of this client, or for ``None`` orders without one.
    """


def find_unconfirmed(now: datetime) -> Iterator[Finding]:
    """Yield paid calls of every kind whose outcome has not been known for a quarter of an hour (promise of
    visibility).
    """
    before = now - UNCONFIRMED_FOR
    for kind in PAID_KINDS:
        rows = kind.model.objects.filter(
            Q(claimed_at__lt=before) | Q(claimed_at__isnull=True, created_at__lt=before), status=statuses.UNCONFIRMED
        )
        provider = kind.provider_path
        (client,) = kind.model.CLIENT_PATHS
        found = rows.order_by("pk").values_list("pk", f"{provider}_id", f"{provider}__name", client)
        for pk, provider_id, name, client_id in found[:MOST]:
            params = {"what": WHAT[kind.slug], "number": pk, "provider": name, "client": client_id}
            yield Finding(f"{kind.slug}:{pk}", provider_id, params)


def find_held(now: datetime) -> Iterator[Finding]:
    """Yield orders and product orders that a second person has to approve."""
    for model, page in ((Order, "orders:detail"), (ProductOrder, "orders:product_detail")):
        rows = model._default_manager.filter(status=statuses.HELD, held_for=SECOND_PERSON).order_by("pk")
        for pk, provider_id, name, charge, currency, client_id in rows.values_list(
            "pk", "provider_id", "provider__name", "expected_charge", "provider__currency", "client_id"
        )[:MOST]:
            params = {"order": pk, "provider": name, "charge": money_text(charge, currency), "page": page}
            yield Finding(f"{model._meta.model_name}:{pk}", provider_id, params | {"client": client_id})


def find_down(now: datetime) -> Iterator[Finding]:
    """Yield accounts that are refused, and panels that have not answered for some minutes."""
    silent = Q(breaker_until__isnull=False) & (Q(last_success_at__lt=now - DOWN_FOR) | Q(last_success_at__isnull=True))
    refused = ~Q(pause_kind__in=_SETTLED_BY_PEOPLE)
    rows = Provider.objects.active().filter(silent | refused).order_by("pk")
    for provider in rows.only("name", "pause_kind", "pause_text", "last_failure")[:MOST]:
        reason = (provider.pause_text if provider.pause_kind else "") or provider.last_failure
        reason = reason or str(provider.get_pause_kind_display())
        yield Finding(str(provider.pk), provider.pk, _of(provider.pk, provider.name) | {"reason": _cut(reason)})


def find_low_balances(now: datetime) -> Iterator[Finding]:
    """Yield balances under their threshold, and accounts that said so themselves when something was ordered."""
    low = Q(low_balance__isnull=False, balance__lt=F("low_balance")) | Q(pause_kind=Provider.Pause.NO_FUNDS)
    rows = Provider.objects.active().filter(low).order_by("pk")
    for pk, name, balance, currency in rows.values_list("pk", "name", "balance", "currency")[:MOST]:
        yield Finding(str(pk), pk, _of(pk, name) | {"balance": money_text(balance, currency)})


def find_price_jumps(now: datetime) -> Iterator[Finding]:
    """Yield providers with services closed by a price jump; a later jump is another finding."""
    rows = (
        Service.objects.filter(hold_reason=Service.Hold.PRICE_JUMP, is_available=True, provider__is_active=True)
        .order_by()
        .values("provider_id", "provider__name")
        .annotate(services=Count("pk", distinct=True), newest=Max("changes__pk", filter=Q(changes__kind="jump")))
    )
    for row in rows.order_by("provider_id")[:MOST]:
        pk = row["provider_id"]
        params = _of(pk, row["provider__name"]) | {"count": row["services"]}
        yield Finding(f"{pk}:{row['newest'] or 0}", pk, params)


def find_held_catalogues(now: datetime) -> Iterator[Finding]:
    """Yield lists that wait for a person."""
    rows = CatalogueHold.objects.filter(closed_at__isnull=True, accepted_at__isnull=True, provider__is_active=True)
    for pk, provider_id, name, reason in rows.order_by("pk").values_list(
        "pk", "provider_id", "provider__name", "reason"
    )[:MOST]:
        yield Finding(str(pk), provider_id, _of(provider_id, name) | {"reason": _cut(reason)})


def find_closed_services(now: datetime) -> Iterator[Finding]:
    """Yield services that are no longer listed while orders of theirs are open."""
    rows = (
        Order.objects.filter(status__in=statuses.OPEN | statuses.UNSENT, service__is_available=False)
        .order_by()
        .values("service_id", "service__name", "provider_id", "provider__name")
        .annotate(orders=Count("pk"))
    )
    for row in rows.order_by("service_id")[:MOST]:
        params = {"service_id": row["service_id"], "service": _cut(row["service__name"]), "count": row["orders"]}
        yield Finding(
            str(row["service_id"]), row["provider_id"], params | _of(row["provider_id"], row["provider__name"])
        )


def find_held_schedules(now: datetime) -> Iterator[Finding]:
    """Yield schedules that wait for a person: for whoever set them up, or for all others once they can't order."""
    held = Schedule.objects.filter(status=Schedule.Status.HELD).order_by("pk")
    rows = list(held.values_list("pk", "person_id", "provider_id", "provider__name", "reason", "client_id")[:MOST])
    people = get_user_model()._default_manager.with_perm("orders.add_order", backend=BACKEND)
    able = set(people.filter(pk__in={row[1] for row in rows}).values_list("pk", flat=True)) if rows else set()
    for pk, person_id, provider_id, name, reason, client_id in rows:
        reader = {"reader": person_id} if person_id in able else {}
        params = {"schedule": pk, "provider": name, "reason": _cut(reason), "client": client_id} | reader
        yield Finding(f"{pk}:{person_id}", provider_id, params)


def find_missed_runs(now: datetime) -> Iterator[Finding]:
    """Yield schedules of which times were missed within a day, for whoever set them up."""
    missed = ScheduledRun.objects.filter(outcome=ScheduledRun.Outcome.MISSED, at__gt=now - MISSED_FOR)
    rows = missed.order_by().values_list(
        "schedule", "schedule__person", "schedule__provider", "schedule__provider__name"
    )
    for pk, person_id, provider_id, name, count in rows.annotate(n=Count("pk")).order_by("schedule")[:MOST]:
        yield Finding(str(pk), provider_id, {"schedule": pk, "reader": person_id, "provider": name, "count": count})


def find_ending_refills(now: datetime) -> Iterator[Finding]:
    """Yield providers with completed orders whose refill ends within two days; a new one each day."""
    ending = RefillWindow.objects.filter(
        ends_at__gt=now, ends_at__lte=now + REFILL_ENDS_WITHIN, order__status__in=["completed", "partial"]
    )
    rows = ending.order_by().values_list("order__provider", "order__provider__name").annotate(n=Count("pk"))
    today = timezone.localdate(now)
    for pk, name, count in rows.order_by("order__provider")[:MOST]:
        yield Finding(f"{pk}:{today}", pk, {"provider": name, "count": count})


def find_due_tickets(now: datetime) -> Iterator[Finding]:
    """Yield tickets whose author wanted to be reminded by now; for them alone."""
    rows = Ticket.objects.filter(answered_at__isnull=True, remind_at__lte=now).order_by("pk")
    for pk, person_id, provider_id, name, at in rows.values_list(
        "pk", "created_by", "provider", "provider__name", "remind_at"
    )[:MOST]:
        params = {"ticket": pk, "provider": name, "reader": person_id}
        yield Finding(f"{pk}:{at:%Y%m%d%H%M%S}" if at else str(pk), provider_id, params)


def find_dead_parts(now: datetime) -> Iterator[Finding]:
    """Parts of the hub that showed signs of life and stopped."""
    for part in find_silent():
        yield Finding(part, None, {"part": PARTS[part]})


def _of(pk: int, name: str) -> dict[str, Any]:
    return {"provider_id": pk, "provider": name}


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"


def find_handed_passwords(now: datetime) -> Iterator[Finding]:
    """Yield accounts whose password someone else set lately; for their owners alone."""
    rows = HandedPassword.objects.filter(set_at__gt=now - MARKED_FOR).order_by("pk")
    for pk, user_id, by, set_at in rows.values_list("pk", "user_id", "set_by__username", "set_at")[:MOST]:
        when = timezone.localtime(set_at).strftime("%Y-%m-%d %H:%M")
        yield Finding(f"{pk}:{set_at.timestamp():.0f}", None, {"reader": user_id, "who": by or "?", "when": when})
