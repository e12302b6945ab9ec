"""What the pages of tickets show, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from orders.models import Order, Ticket, TicketOrder
from orders.tickets.services import MOST_ORDERS, text_of
from panelhub.ui.formatting import badge, format_count, format_when
from panelhub.ui.pagination import Sort, number

PAGE_SIZE: Final = 50
NEWEST: Final = Sort("newest", lazy("Newest first"), ("id",), (number,), descending=True)
TABS: Final[Mapping[str, Any]] = {"": lazy("All"), "open": lazy("Waiting for an answer"), "answered": lazy("Answered")}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be written to one provider: how many orders, and their ids by comma."""

    provider: str
    count: str
    ids: str


def preview_of(orders: QuerySet[Order]) -> list[Preview]:
    """Return what would be written about ``orders``, by provider; one statement."""
    rows = orders.filter(external_id__isnull=False).order_by("provider_id", "pk")
    found: dict[str, list[str]] = {}
    for name, external_id in rows.values_list("provider__name", "external_id")[:MOST_ORDERS]:
        found.setdefault(name, []).append(str(external_id))
    return [Preview(name, format_count(len(ids)), ",".join(ids)) for name, ids in found.items()]


def rows_of(tickets: Sequence[Ticket], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the list; one statement."""
    counted = TicketOrder.objects.filter(ticket__in=[one.pk for one in tickets]).order_by()
    counts: dict[int, int] = dict(counted.values_list("ticket").annotate(n=Count("pk"))) if tickets else {}
    return [
        {
            "ticket": one,
            "orders": format_count(counts.get(one.pk, 0)),
            "when": format_when(one.created_at, now).html,
            "is_late": one.answered_at is None and one.remind_at is not None and one.remind_at <= now,
        }
        for one in tickets
    ]


def describe_ticket(ticket: Ticket) -> dict[str, Any]:
    """Return what the page of a ticket shows; one statement."""
    now = timezone.now()
    orders = TicketOrder.objects.filter(ticket=ticket).order_by("order")
    rows = list(orders.values_list("order", "order__external_id", "order__status", "order__service__name"))
    ids = [external_id for _pk, external_id, _status, _name in rows if external_id]
    return {
        "ticket": ticket,
        "ids": ",".join(ids),
        "text": text_of(ticket.kind, ids),
        "rows": [(pk, external_id, badge(status).html, name or "") for pk, external_id, status, name in rows],
        "created": format_when(ticket.created_at, now).html,
        "answered": format_when(ticket.answered_at, now).html if ticket.answered_at else "",
        "reminder": format_when(ticket.remind_at, now).html if ticket.remind_at and not ticket.answered_at else "",
    }
