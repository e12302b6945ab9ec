"""The open orders of a service, for its page in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from orders import statuses
from orders.permissions import orders_for
from panelhub.ui.formatting import badge, format_count, format_when
from providers.catalogue.service_contexts import OpenOrder

MOST: Final = 10
_OPEN: Final = (statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED, *sorted(statuses.OPEN))


def open_orders_of(reader: Any, service_id: int) -> Sequence[OpenOrder]:
    """Up to ``MOST`` of them, newest first; none for who may not see orders."""
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
        for pk, status, quantity, at in found.values_list("pk", "status", "quantity", "created_at")[:MOST]
    ]
